/** One bit per page, counters per block: what hypervisors outside Linux keep. */
module dev.broadsheet.strategies.flatbitmap {
  requires dev.broadsheet.api;
  requires static com.google.auto.service;
  requires static org.jspecify;

  provides dev.broadsheet.api.TrackingStrategy with
      dev.broadsheet.strategies.flatbitmap.FlatBitmapStrategy;
}
