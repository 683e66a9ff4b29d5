package dev.broadsheet.lab.report;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.Utf8ByteOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Pages with everything inside, which open without a network; {@code index.html} is one. */
public final class HtmlReport {
  private static final String PACKAGE = "dev.broadsheet.lab.report.pages";

  private HtmlReport() {}

  static void write(Report report, OutputStream out) throws IOException {
    render("index.jte", new ReportPage(report), out);
  }

  /** Writes a page: a template and what it asks. */
  public static void render(String template, Object asked, OutputStream out) throws IOException {
    TemplateEngine engine =
        TemplateEngine.createPrecompiled(
            Path.of("."), ContentType.Html, HtmlReport.class.getClassLoader(), PACKAGE);
    engine.setBinaryStaticContent(false);
    Utf8ByteOutput page = new Utf8ByteOutput();
    engine.render(template, asked, page);
    page.writeTo(out);
  }

  /** Returns a text file beside this class. */
  public static String resource(String name) {
    return resource(HtmlReport.class, name);
  }

  /** Returns a text file beside a class. */
  public static String resource(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the JAR");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + name + " from the JAR", e);
    }
  }
}
