package dev.broadsheet.lab.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The forms of a report whose texts are as hostile as they come. */
final class ResultsSchemaTest {
  private static String text(ReportFormat format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    format.content(HostileReport.report()).writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void html_escapesWhateverTextsSay() throws IOException {
    assertThat(text(ReportFormat.HTML)).doesNotContain("<script>alert").contains("&lt;script");
  }

  @Test
  void markdown_keepsTextsInsideTheirCells() throws IOException {
    assertThat(text(ReportFormat.MD)).doesNotContain("<script>");
  }

  @Test
  void json_isAsTheSchemaSays() throws IOException {
    ResultsSchema.validate(text(ReportFormat.JSON));
  }
}
