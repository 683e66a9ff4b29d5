/** The lab: traces, runner, metrics, reports and the command line. */
module dev.broadsheet.lab {
  requires aircompressor;
  requires com.google.common;
  requires com.google.gson;
  requires org.objectweb.asm;
  requires org.objectweb.asm.commons;
  requires org.objectweb.asm.tree;
  requires de.siegmar.fastcsv;
  requires dev.broadsheet.conformance;
  requires dev.broadsheet.core;
  requires gg.jte.runtime;
  requires info.picocli;
  requires java.compiler;
  requires me.tongfei.progressbar;

  exports dev.broadsheet.lab.report.pages to
      gg.jte.runtime;

  opens dev.broadsheet.lab.ask to
      com.google.gson;
  opens dev.broadsheet.lab.claims to
      com.google.gson;
  opens dev.broadsheet.lab.metrics to
      com.google.gson;
  opens dev.broadsheet.lab.report to
      com.google.gson;
  opens dev.broadsheet.lab.cli to
      info.picocli;
  opens dev.broadsheet.lab.cli.tdx to
      info.picocli;
}
