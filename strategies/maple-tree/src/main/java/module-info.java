/** What Linux moves to: attributes as ranges in a maple tree. */
module dev.broadsheet.strategies.mapletree {
  requires dev.broadsheet.api;
  requires static com.google.auto.service;
  requires static org.jspecify;

  provides dev.broadsheet.api.TrackingStrategy with
      dev.broadsheet.strategies.mapletree.MapleTreeStrategy;
}
