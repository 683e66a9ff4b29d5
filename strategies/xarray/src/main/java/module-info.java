/** Option D and what Linux merged: the kernel's xarray beside lpage_info. */
module dev.broadsheet.strategies.xarray {
  requires dev.broadsheet.api;
  requires static com.google.auto.service;
  requires static org.jspecify;

  provides dev.broadsheet.api.TrackingStrategy with
      dev.broadsheet.strategies.xarraylpageinfo.XarrayLpageInfoStrategy,
      dev.broadsheet.strategies.xarraymixedflag.XarrayMixedFlagStrategy;
}
