package dev.broadsheet.lab.metrics;

/**
 * One thing that is counted.
 *
 * @param id permanent name: group, then what ({@code fault.lines.mean})
 * @param group what it belongs to, as reports order it
 * @param label a few words, for the head of a column
 * @param unit what one is: {@code B}, {@code lines/fault}, or the plural of what is counted
 * @param direction which way is better
 * @param sentence what is counted, in one sentence
 */
public record Metric(
    String id,
    MetricGroup group,
    String label,
    String unit,
    Direction direction,
    String sentence) {}
