package dev.broadsheet.core.tdx;

import static dev.broadsheet.core.tdx.TdxWorld.GIB;
import static dev.broadsheet.core.tdx.TdxWorld.MIB2;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.junit.jupiter.api.Test;

/** MRTD against a SHA-384 computed beside it. */
final class MeasurementTest {
  private static final long SOURCE = 20 * GIB;

  private static byte[] record(String name, long gpa) {
    ByteBuffer buffer = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(name.getBytes(StandardCharsets.US_ASCII)).position(16);
    buffer.putLong(gpa);
    return buffer.array();
  }

  @Test
  void mrtd_onePageAddedAndExtended_isTheHashOfItsRecords() throws Exception {
    TdxWorld w = TdxWorld.building();
    w.tables(MIB2, 0);
    w.module.hostWrite(SOURCE, 0x1122334455667788L);
    w.regs.r9 = SOURCE;
    w.ok(w.call(SeamcallLeaf.TDH_MEM_PAGE_ADD, MIB2, w.tdr, GIB));
    MessageDigest digest = MessageDigest.getInstance("SHA-384");
    digest.update(record("MEM.PAGE.ADD", MIB2));
    ByteBuffer chunk = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
    while (chunk.hasRemaining()) {
      chunk.putLong(0x1122334455667788L);
    }
    for (long gpa = MIB2; gpa < MIB2 + 4096; gpa += 256) {
      w.ok(w.call(SeamcallLeaf.TDH_MR_EXTEND, gpa, w.tdr, 0));
      digest.update(record("MR.EXTEND", gpa));
      digest.update(chunk.array());
    }
    assertThat(w.module.td(w.tdr).measurement.mrtd()).isNull();
    w.world.finalizeTd(w.tdr);
    assertThat(w.module.td(w.tdr).measurement.mrtd()).isEqualTo(digest.digest());
    w.close();
  }

  @Test
  void extend_badOperands_areRefused() {
    TdxWorld w = TdxWorld.building();
    w.tables(MIB2, 0);
    assertThat(w.call(SeamcallLeaf.TDH_MR_EXTEND, MIB2 + 8, w.tdr, 0))
        .isEqualTo(0xC000010000000001L);
    assertThat(w.call(SeamcallLeaf.TDH_MR_EXTEND, MIB2, w.tdr, 0)).isEqualTo(0xC0000B0300000001L);
    w.ok(w.aug(MIB2, 0, GIB));
    assertThat(w.call(SeamcallLeaf.TDH_MR_EXTEND, MIB2, w.tdr, 0)).isEqualTo(0xC0000B0300000001L);
    w.close();
  }

  @Test
  void pageAdd_privateSource_isInvalid() {
    TdxWorld w = TdxWorld.building();
    w.tables(MIB2, 0);
    w.regs.r9 = (64L << 45) | SOURCE;
    assertThat(w.call(SeamcallLeaf.TDH_MEM_PAGE_ADD, MIB2, w.tdr, GIB))
        .isEqualTo(0xC000010000000009L);
    w.close();
  }
}
