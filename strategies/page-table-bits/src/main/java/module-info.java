/** Options B and C: the truth in page-table entries and in the headers of tables. */
module dev.broadsheet.strategies.pagetablebits {
  requires dev.broadsheet.api;
  requires static com.google.auto.service;
  requires static org.jspecify;

  provides dev.broadsheet.api.TrackingStrategy with
      dev.broadsheet.strategies.sptemixedbit.SpteMixedBitStrategy,
      dev.broadsheet.strategies.shadowpagebitmap.ShadowPageBitmapStrategy;
}
