/** The SPI of Broadsheet: all that a tracking strategy sees. */
module dev.broadsheet.api {
  requires static transitive org.jspecify;

  exports dev.broadsheet.api;
  exports dev.broadsheet.api.memory;
  exports dev.broadsheet.api.support;
}
