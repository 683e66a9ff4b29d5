/** Option A: page-type arrays in the memslot. */
module dev.broadsheet.strategies.memslotarray {
  requires dev.broadsheet.api;
  requires static com.google.auto.service;
  requires static org.jspecify;

  provides dev.broadsheet.api.TrackingStrategy with
      dev.broadsheet.strategies.memslotarray.MemslotArrayStrategy;
}
