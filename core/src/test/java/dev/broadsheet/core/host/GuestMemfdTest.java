package dev.broadsheet.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import org.junit.jupiter.api.Test;

class GuestMemfdTest {
  private static final long MIB = 1L << 20;

  private final HostMemory host = new HostMemory(4L << 18);

  @Test
  void policyOfLinux612_givesSinglePages() {
    GuestMemfd file = new GuestMemfd(host, 4 * MIB, 0);
    long page = file.get(3);
    assertThat(HostPage.order(page)).isZero();
    assertThat(file.get(3)).isEqualTo(page);
    assertThat(host.allocated()).isEqualTo(1);
  }

  @Test
  void largePolicy_givesFoliosWhereTheyFitTheFile() {
    GuestMemfd file = new GuestMemfd(host, (1L << 30) + 3 * MIB, 18);
    assertThat(HostPage.order(file.get(5))).isEqualTo(18);
    assertThat(HostPage.order(file.get(0x40000))).isEqualTo(9);
    assertThat(HostPage.order(file.get(0x40200))).isZero();
    assertThat(HostPage.pfn(file.get(0x201)) - HostPage.pfn(file.get(0))).isEqualTo(0x201);
    assertThat(host.allocated()).isEqualTo((1 << 18) + 512 + 1);
  }

  @Test
  void holeInAFolio_splitsItAndKeepsTheOtherFrames() {
    GuestMemfd file = new GuestMemfd(host, 1L << 30, 18);
    long before = HostPage.pfn(file.get(0x600));
    file.writeByte(0x400, 7);
    file.writeByte(0x600, 8);
    file.truncate(0x3ff, 0x401);
    assertThat(file.find(0x3ff)).isZero();
    assertThat(file.find(0x400)).isZero();
    assertThat(file.readByte(0x400)).isZero();
    assertThat(file.readByte(0x600)).isEqualTo(8);
    assertThat(HostPage.order(file.find(0x402))).isZero();
    assertThat(HostPage.order(file.find(0x600))).isEqualTo(9);
    assertThat(HostPage.pfn(file.find(0x600))).isEqualTo(before);
    assertThat(host.allocated()).isEqualTo((1 << 18) - 2);
    file.close();
    assertThat(host.allocated()).isZero();
  }

  @Test
  void hostWithoutLargeBlocks_givesSinglePages() {
    GuestMemfd file = new GuestMemfd(new HostMemory(1 << 18, 1, 3), 4 * MIB, 9);
    assertThat(HostPage.order(file.get(0))).isZero();
  }

  @Test
  void hostWithoutMemory_answersEnomem() {
    GuestMemfd file = new GuestMemfd(new HostMemory(2), 4 * MIB, 9);
    file.get(0);
    file.get(1);
    assertThat(HostPage.errno(file.get(2))).isEqualTo(Errno.ENOMEM);
    assertThat(file.allocate(0, 3 * 4096)).isEqualTo(Errno.ENOMEM);
    assertThat(HostPage.errno(file.get(1024))).isEqualTo(Errno.EFAULT);
  }

  @Test
  void calls_checkTheirArgumentsAsKvmDoes() {
    GuestMemfd file = new GuestMemfd(host, 4 * MIB, 0);
    assertThat(GuestMemfd.errnoOfSize(0)).isEqualTo(Errno.EINVAL);
    assertThat(GuestMemfd.errnoOfSize(4097)).isEqualTo(Errno.EINVAL);
    assertThat(file.errnoOfPunch(0, 0)).isEqualTo(Errno.EINVAL);
    assertThat(file.errnoOfPunch(1, 4096)).isEqualTo(Errno.EINVAL);
    assertThat(file.errnoOfPunch(-4096, 4096)).isEqualTo(Errno.EINVAL);
    assertThat(file.errnoOfPunch(Long.MAX_VALUE & -4096, 2 * 4096)).isEqualTo(Errno.EFBIG);
    assertThat(file.errnoOfPunch(8 * MIB, 4096)).isZero();
    assertThat(file.allocate(Long.MAX_VALUE & -4096, 2 * 4096)).isEqualTo(Errno.EFBIG);
    assertThat(file.allocate(3 * MIB, 2 * MIB)).isEqualTo(Errno.EINVAL);
    assertThat(file.allocate(3 * MIB, MIB)).isZero();
    assertThat(host.allocated()).isEqualTo(256);
  }

  @Test
  void largestFile_isPossibleAndHoldsPagesAtItsStart() {
    GuestMemfd file = new GuestMemfd(host, Long.MAX_VALUE & -4096, 0);
    assertThat(HostPage.isError(file.get(7))).isFalse();
    assertThat(HostPage.errno(file.get(file.pages() - 1))).isEqualTo(Errno.ENOMEM);
    assertThat(file.find(file.pages() - 1)).isZero();
    file.truncate(0, file.pages());
    assertThat(host.allocated()).isZero();
  }

  @Test
  void binding_isFoundByFileRange() {
    GuestMemfd file = new GuestMemfd(host, 4 * MIB, 0);
    Memslot low = Memslot.aligned(0, new GfnRange(0x1000, 0x1100));
    Memslot high = Memslot.aligned(1, new GfnRange(0x5000, 0x5100));
    assertThat(file.bind(high, 2 * MIB)).isZero();
    assertThat(file.bind(low, MIB)).isZero();
    assertThat(file.bind(low, 2 * MIB - 4096)).isEqualTo(Errno.EINVAL);
    assertThat(file.bind(low, 4 * MIB - 4096)).isEqualTo(Errno.EINVAL);
    assertThat(file.bound(0x180, 0x210))
        .containsExactly(
            new GuestMemfd.Bound(low, new GfnRange(0x1080, 0x1100)),
            new GuestMemfd.Bound(high, new GfnRange(0x5000, 0x5010)));
    file.unbind(low);
    assertThat(file.bound(0, 0x200)).isEmpty();
  }

  @Test
  void closedFile_givesNothingAnyMore() {
    GuestMemfd file = new GuestMemfd(host, 4 * MIB, 0);
    Memslot slot = Memslot.aligned(0, new GfnRange(0, 0x100));
    file.bind(slot, 0);
    file.get(0);
    file.close();
    assertThat(host.allocated()).isZero();
    assertThat(HostPage.errno(file.get(0))).isEqualTo(Errno.EFAULT);
    assertThat(file.bound(0, 0x100)).isEmpty();
    assertThat(file.bind(slot, 0)).isEqualTo(Errno.EBADF);
    assertThat(file.allocate(0, 4096)).isEqualTo(Errno.EBADF);
    assertThat(file.errnoOfPunch(0, 4096)).isEqualTo(Errno.EBADF);
  }
}
