/** The bounds of every comparison: the simplest truth, and no large page at all. */
module dev.broadsheet.strategies.bounds {
  requires dev.broadsheet.api;
  requires static com.google.auto.service;
  requires static org.jspecify;

  provides dev.broadsheet.api.TrackingStrategy with
      dev.broadsheet.strategies.bounds.ReferenceStrategy,
      dev.broadsheet.strategies.bounds.SmallPagesOnlyStrategy;
}
