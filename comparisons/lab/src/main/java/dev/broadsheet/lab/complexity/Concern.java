package dev.broadsheet.lab.complexity;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSetMultimap;
import org.jspecify.annotations.Nullable;

/** What a part of a strategy is for, told by the method of the SPI from which it is reached. */
public enum Concern {
  /** The attribute of a page, the type of a block, the first page that differs. */
  LOOK_UP("look-up"),
  /** The largest page that may be mapped: what is asked besides lpage_info on a fault. */
  LEVEL("largest page"),
  /** A change of attributes, from prepare to publish or cancel. */
  CONVERSION("conversion"),
  /** Creation, memslots that come and go, and the end. */
  SLOTS("life of slots"),
  /** Answers to the MMU about page tables and mappings that come and go. */
  TABLES("life of page tables"),
  /** The laboratory's own check; no part of the design, and in no sum. */
  AUDIT("audit");

  private static final String API = "dev/broadsheet/api/";

  /** Interface of the SPI, method, concern. */
  private static final ImmutableMap<String, ImmutableMap<String, Concern>> ENTRIES =
      ImmutableMap.of(
          API + "PageAttributeTracker",
          ImmutableMap.<String, Concern>builder()
              .put("defaultAttributes", LOOK_UP)
              .put("attributes", LOOK_UP)
              .put("type", LOOK_UP)
              .put("firstDifference", LOOK_UP)
              .put("maxLevel", LEVEL)
              .put("prepare", CONVERSION)
              .put("convert", CONVERSION)
              .put("memslotAdded", SLOTS)
              .put("memslotRemoved", SLOTS)
              .put("close", SLOTS)
              .put("gauges", AUDIT)
              .put("audit", AUDIT)
              .buildOrThrow(),
          API + "TrackingStrategy",
          ImmutableMap.of("create", SLOTS),
          API + "Conversion",
          ImmutableMap.of(
              "plan", CONVERSION, "store", CONVERSION, "publish", CONVERSION, "cancel", CONVERSION),
          API + "FaultAdvisor",
          ImmutableMap.of("beforeMap", LEVEL),
          API + "MappingListener",
          ImmutableMap.of("mapped", TABLES, "unmapped", TABLES),
          API + "PageTables$Listener",
          ImmutableMap.of("linked", TABLES, "split", TABLES, "unlinked", TABLES));

  private final String title;

  Concern(String title) {
    this.title = title;
  }

  /** Returns a few words for people. */
  public String title() {
    return title;
  }

  /** Returns what a method of an interface of the SPI begins, or null if it begins nothing. */
  static @Nullable Concern of(String type, String method) {
    ImmutableMap<String, Concern> methods = ENTRIES.get(type);
    return methods == null ? null : methods.get(method);
  }

  /** Returns the interfaces of the SPI, each with the methods at which a concern begins. */
  static ImmutableSetMultimap<String, String> entries() {
    ImmutableSetMultimap.Builder<String, String> entries = ImmutableSetMultimap.builder();
    ENTRIES.forEach((type, methods) -> entries.putAll(type, methods.keySet()));
    return entries.build();
  }
}
