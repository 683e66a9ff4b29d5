package dev.broadsheet.lab.claims;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.annotations.SerializedName;
import dev.broadsheet.lab.metrics.MetricCatalog;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All claims, in the order of the options; read once from {@code claims.json}. */
public final class Claims {
  private static final Gson GSON = new GsonBuilder().create();

  private static final Claims ALL = read();

  private final ImmutableMap<String, Post> posts;
  private final ImmutableList<Claim> claims;

  private Claims(Map<String, Post> posts, List<Claim> claims) {
    this.posts = ImmutableMap.copyOf(posts);
    this.claims = ImmutableList.copyOf(claims);
  }

  /** The file as gson sees it. */
  private record Text(
      @SerializedName("posts") Map<String, Post> posts,
      @SerializedName("claims") List<Claim> claims) {}

  private static Claims read() {
    try (InputStream in = Claims.class.getResourceAsStream("claims.json")) {
      if (in == null) {
        throw new IllegalStateException("claims.json is missing from the program");
      }
      return parse(new InputStreamReader(in, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads claims.
   *
   * @throws IllegalStateException if a claim names what does not exist, or is not whole
   */
  static Claims parse(Reader json) {
    Text text = GSON.fromJson(json, Text.class);
    Claims claims = new Claims(text.posts(), text.claims());
    Set<String> ids = new HashSet<>();
    for (Claim claim : claims.claims) {
      require(ids.add(claim.id()), claim, "is there twice");
      require(text.posts().containsKey(claim.post()), claim, "names no post of the file");
      require(claim.sign() != null, claim, "has no sign");
      require(
          claim.criteria().isEmpty() == (claim.open() != null),
          claim,
          "needs either criteria or the reason why it has none");
      claim.criteria().forEach(criterion -> check(claim, criterion));
    }
    return claims;
  }

  private static void check(Claim claim, Criterion criterion) {
    MetricCatalog.find(criterion.metric());
    require(criterion.is() != null, claim, "has a criterion without 'is'");
    if (criterion.thanMetric() != null) {
      MetricCatalog.find(criterion.thanMetric());
    }
    require(
        criterion.withoutLabels() == null
            || List.of("memory.tracker.steady", "memory.design.steady")
                .contains(criterion.metric()),
        claim,
        "leaves labels out of what is no memory at the end");
    require(
        criterion.withoutPackages() == null
            || List.of("design.branches", "design.instructions").contains(criterion.metric()),
        claim,
        "leaves a package out of what is not the whole code");
    int others =
        (criterion.than() == null ? 0 : 1)
            + (criterion.thanMetric() == null ? 0 : 1)
            + (criterion.thanValue() == null ? 0 : 1);
    require(
        others == (criterion.is().hasLimit() ? 1 : 0),
        claim,
        "has a criterion with " + others + " things to compare with");
  }

  private static void require(boolean condition, Claim claim, String complaint) {
    if (!condition) {
      throw new IllegalStateException("claims.json: claim '" + claim.id() + "' " + complaint);
    }
  }

  /** Returns every claim. */
  public static ImmutableList<Claim> all() {
    return ALL.claims;
  }

  /** Returns where a claim was made. */
  public static Post post(Claim claim) {
    return ALL.postOf(claim);
  }

  private Post postOf(Claim claim) {
    @Nullable Post post = posts.get(claim.post());
    if (post == null) {
      throw new IllegalArgumentException("no post '" + claim.post() + "'");
    }
    return post;
  }

  /**
   * Returns one claim.
   *
   * @throws IllegalArgumentException if there is none; the message lists what there is
   */
  public static Claim find(String id) {
    for (Claim claim : ALL.claims) {
      if (claim.id().equals(id)) {
        return claim;
      }
    }
    throw new IllegalArgumentException(
        "Unknown claim '%s'. Known: %s."
            .formatted(id, ALL.claims.stream().map(Claim::id).collect(Collectors.joining(", "))));
  }
}
