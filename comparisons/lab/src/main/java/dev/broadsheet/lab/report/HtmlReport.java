package dev.broadsheet.lab.report;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.Utf8ByteOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** {@code index.html}: one page with everything inside, which opens without a network. */
final class HtmlReport {
  private static final String PACKAGE = "dev.broadsheet.lab.report.pages";

  private HtmlReport() {}

  static void write(Report report, OutputStream out) throws IOException {
    TemplateEngine engine =
        TemplateEngine.createPrecompiled(
            Path.of("."), ContentType.Html, HtmlReport.class.getClassLoader(), PACKAGE);
    engine.setBinaryStaticContent(false);
    Utf8ByteOutput page = new Utf8ByteOutput();
    engine.render("index.jte", new ReportPage(report), page);
    page.writeTo(out);
  }

  /** Returns a text file beside this class. */
  static String resource(String name) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the JAR");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + name + " from the JAR", e);
    }
  }
}
