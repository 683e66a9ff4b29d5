package dev.broadsheet.lab.claims;

/**
 * Where a claim was made.
 *
 * @param author who wrote it, or "nobody" for what follows from a layout and was not said
 * @param date the day, as 2022-07-14, or a year
 * @param where list, subject and message, or the document
 */
public record Post(String author, String date, String where) {
  /** Returns day and place. */
  public String source() {
    return date + ", " + where;
  }
}
