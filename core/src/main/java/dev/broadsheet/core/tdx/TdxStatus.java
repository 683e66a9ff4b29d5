package dev.broadsheet.core.tdx;

import org.jspecify.annotations.Nullable;

/**
 * The completion statuses of the TDX module: what RAX holds after a SEAMCALL or TDCALL.
 *
 * <p>Layout: bit 63 error, 62 not recoverable by the same call, 61 fatal for the TD, 60 host
 * recoverability hint, 47:40 class, 39:32 detail, 31:0 operand id, level or exit reason. A constant
 * holds the value with an empty low half; {@link #with} fills it.
 *
 * <p>Values that only module 1.0 or only modules later than 1.5.05 return are listed as well, so
 * that any RAX can be named.
 */
public enum TdxStatus {
  /** The function did its work. */
  TDX_SUCCESS(0x0000_0000_0000_0000L, Recoverability.SUCCESS),
  /** TD exit; this vCPU cannot be entered again. */
  TDX_NON_RECOVERABLE_VCPU(0x4000_0001_0000_0000L, Recoverability.TD_EXIT_DEAD),
  /** TD exit; the TD cannot run again but its pages stay accessible to the module. */
  TDX_NON_RECOVERABLE_TD(0x6000_0002_0000_0000L, Recoverability.TD_EXIT_DEAD),
  /** Interrupted after partial progress; call again with the updated registers. */
  TDX_INTERRUPTED_RESUMABLE(0x8000_0003_0000_0000L, Recoverability.RETRY),
  /** Interrupted before anything was committed; call again with the same registers. */
  TDX_INTERRUPTED_RESTARTABLE(0x8000_0004_0000_0000L, Recoverability.RETRY),
  TDX_NON_RECOVERABLE_TD_FATAL(0x4000_0005_0000_0000L, Recoverability.TD_EXIT_DEAD),
  /** TD exit after a memory integrity fault; TD is fatal and only teardown is possible. */
  TDX_NON_RECOVERABLE_TD_NON_ACCESSIBLE(0x6000_0005_0000_0000L, Recoverability.TD_EXIT_DEAD),
  /** Resume state does not match. */
  TDX_INVALID_RESUMPTION(0xC000_0006_0000_0000L, Recoverability.NO),
  /** TD exit; local APIC mode unsuitable for the single-step defence. */
  TDX_NON_RECOVERABLE_TD_WRONG_APIC_MODE(0xE000_0007_0000_0000L, Recoverability.NO),
  TDX_CROSS_TD_FAULT(0x8000_0008_0000_0000L, Recoverability.RETRY),
  TDX_CROSS_TD_TRAP(0x9000_0009_0000_0000L, Recoverability.RETRY),
  TDX_NON_RECOVERABLE_TD_CORRUPTED_MD(0x6000_000A_0000_0000L, Recoverability.TD_EXIT_DEAD),
  /**
   * Malformed operand: reserved bits; alignment; level; shared GPA; HKID bits set; unsupported
   * version.
   */
  TDX_OPERAND_INVALID(0xC000_0100_0000_0000L, Recoverability.NO),
  /** HPA not inside an initialised 1 GiB block of a TDMR. */
  TDX_OPERAND_ADDR_RANGE_ERROR(0xC000_0101_0000_0000L, Recoverability.NO),
  TDX_EVENT_FILTER_INVALID(0xC000_0102_0000_0000L, Recoverability.NO),
  TDX_EVENT_FILTER_ORDER_INVALID(0xC000_0103_0000_0000L, Recoverability.NO),
  /** A try-lock failed; see operand id for which object. */
  TDX_OPERAND_BUSY(0x8000_0200_0000_0000L, Recoverability.RETRY),
  /** Some vCPU still runs since the epoch before the current one. */
  TDX_PREVIOUS_TLB_EPOCH_BUSY(0x8000_0201_0000_0000L, Recoverability.RETRY),
  /** Module-wide lock taken. */
  TDX_SYS_BUSY(0x8000_0202_0000_0000L, Recoverability.RETRY),
  /** Hardware random source exhausted. */
  TDX_RND_NO_ENTROPY(0x8000_0203_0000_0000L, Recoverability.RETRY),
  /** Host asked for the lock first; turned into OPERAND_BUSY before the TD sees it. */
  TDX_OPERAND_BUSY_HOST_PRIORITY(0x8000_0204_0000_0000L, Recoverability.RETRY),
  /**
   * Trap-like TD exit: guest kept losing a host-priority lock for longer than the configured
   * timeout.
   */
  TDX_HOST_PRIORITY_BUSY_TIMEOUT(0x9000_0205_0000_0000L, Recoverability.RETRY),
  /** PAMT type or PAMT level is not what the function needs. */
  TDX_PAGE_METADATA_INCORRECT(0xC000_0300_0000_0000L, Recoverability.NO),
  TDX_PAGE_ALREADY_FREE(0x0000_0301_0000_0000L, Recoverability.INFORMATIONAL),
  TDX_PAGE_NOT_OWNED_BY_TD(0xC000_0302_0000_0000L, Recoverability.NO),
  /** Page offered for PAMT use is already in use. */
  TDX_PAGE_NOT_FREE(0xC000_0303_0000_0000L, Recoverability.NO),
  /** 2 MiB range is already in use or already has its PAMT pages. */
  TDX_HPA_RANGE_NOT_FREE(0xC000_0304_0000_0000L, Recoverability.NO),
  /** 2 MiB range has no PAMT pages. */
  TDX_NO_PAMT_PAGE_PAIR(0xC000_0305_0000_0000L, Recoverability.NO),
  /** Some 4 KiB page of the range is still in use. */
  TDX_PAMT_PAGE_NOT_EMPTY(0xC000_0306_0000_0000L, Recoverability.NO),
  /** Interrupted PAMT operation. */
  TDX_INTERRUPTED_PAMT(0x8000_0307_0000_0000L, Recoverability.RETRY),
  /** Dynamic PAMT: 2 MiB range holding the page has no PAMT pages yet. */
  TDX_MISSING_PAMT_PAGE_PAIR(0x8000_0308_0000_0000L, Recoverability.RETRY),
  /** Child page count is not zero. */
  TDX_TD_ASSOCIATED_PAGES_EXIST(0xC000_0400_0000_0000L, Recoverability.NO),
  TDX_SYS_INIT_NOT_PENDING(0xC000_0500_0000_0000L, Recoverability.NO),
  TDX_SYS_LP_INIT_NOT_DONE(0xC000_0502_0000_0000L, Recoverability.NO),
  TDX_SYS_LP_INIT_DONE(0xC000_0503_0000_0000L, Recoverability.NO),
  /** Module initialisation has not finished. */
  TDX_SYS_NOT_READY(0xC000_0505_0000_0000L, Recoverability.NO),
  /** Module is shut down. */
  TDX_SYS_SHUTDOWN(0xC000_0506_0000_0000L, Recoverability.NO),
  TDX_SYS_KEY_CONFIG_NOT_PENDING(0xC000_0507_0000_0000L, Recoverability.NO),
  TDX_SYS_STATE_INCORRECT(0xC000_0508_0000_0000L, Recoverability.NO),
  TDX_SYS_INVALID_HANDOFF(0xC000_0509_0000_0000L, Recoverability.NO),
  TDX_SYS_INCOMPATIBLE_SIGSTRUCT(0xC000_050A_0000_0000L, Recoverability.NO),
  TDX_SYS_LP_INIT_NOT_PENDING(0xC000_050B_0000_0000L, Recoverability.NO),
  TDX_SYS_CONFIG_NOT_PENDING(0xC000_050C_0000_0000L, Recoverability.NO),
  TDX_INCOMPATIBLE_SEAM_CAPABILITIES(0xC000_050D_0000_0000L, Recoverability.NO),
  TDX_CRYPTO_SELF_TEST_FAILED(0xC000_0511_0000_0000L, Recoverability.NO),
  /** TDH.MNG.INIT not done. */
  TDX_TD_NOT_INITIALIZED(0xC000_0600_0000_0000L, Recoverability.NO),
  /** Already initialised. */
  TDX_TD_INITIALIZED(0xC000_0601_0000_0000L, Recoverability.NO),
  /** TDH.MR.FINALIZE not done. */
  TDX_TD_NOT_FINALIZED(0xC000_0602_0000_0000L, Recoverability.NO),
  /** Already finalised. */
  TDX_TD_FINALIZED(0xC000_0603_0000_0000L, Recoverability.NO),
  /** TD had a fatal error; only teardown leaves work. */
  TDX_TD_FATAL(0xE000_0604_0000_0000L, Recoverability.NO),
  /** Only debug TDs allow this. */
  TDX_TD_NON_DEBUG(0xC000_0605_0000_0000L, Recoverability.NO),
  /** Fewer than the minimum number of TDCS pages were added. */
  TDX_TDCS_NOT_ALLOCATED(0xC000_0606_0000_0000L, Recoverability.NO),
  /** TD life cycle state does not allow the function. */
  TDX_LIFECYCLE_STATE_INCORRECT(0xC000_0607_0000_0000L, Recoverability.NO),
  /** TD operation state does not allow the function (for example PAGE.ADD after finalize). */
  TDX_OP_STATE_INCORRECT(0xC000_0608_0000_0000L, Recoverability.NO),
  /** No vCPU was initialised. */
  TDX_NO_VCPUS(0xC000_0609_0000_0000L, Recoverability.NO),
  /** Wrong number of control pages. */
  TDX_TDCX_NUM_INCORRECT(0xC000_0610_0000_0000L, Recoverability.NO),
  TDX_X2APIC_ID_NOT_UNIQUE(0xC000_0621_0000_0000L, Recoverability.NO),
  /** VCPU is in the wrong state. */
  TDX_VCPU_STATE_INCORRECT(0xC000_0700_0000_0000L, Recoverability.NO),
  /** VCPU is bound to another logical processor. */
  TDX_VCPU_ASSOCIATED(0x8000_0701_0000_0000L, Recoverability.RETRY),
  /** VCPU is not bound to this logical processor. */
  TDX_VCPU_NOT_ASSOCIATED(0x8000_0702_0000_0000L, Recoverability.RETRY),
  TDX_TDVPX_NUM_INCORRECT(0xC000_0703_0000_0000L, Recoverability.NO),
  /** No stored virtualisation exception record. */
  TDX_NO_VALID_VE_INFO(0xC000_0704_0000_0000L, Recoverability.NO),
  /** More vCPUs than configured. */
  TDX_MAX_VCPUS_EXCEEDED(0xC000_0705_0000_0000L, Recoverability.NO),
  /** TSC went backwards since the last TD exit. */
  TDX_TSC_ROLLBACK(0xC000_0706_0000_0000L, Recoverability.NO),
  TDX_INTERRUPTIBILITY_BLOCKED(0xC000_0707_0000_0000L, Recoverability.NO),
  TDX_FIELD_NOT_WRITABLE(0xC000_0720_0000_0000L, Recoverability.NO),
  TDX_FIELD_NOT_READABLE(0xC000_0721_0000_0000L, Recoverability.NO),
  TDX_TD_VMCS_FIELD_NOT_INITIALIZED(0xC000_0730_0000_0000L, Recoverability.NO),
  TD_VMCS_FIELD_ERROR(0xC000_0731_0000_0000L, Recoverability.NO),
  /** Key could not be generated; retry. */
  TDX_KEY_GENERATION_FAILED(0x8000_0800_0000_0000L, Recoverability.RETRY),
  /** Private key not set up on every package (or HKID already released). */
  TDX_TD_KEYS_NOT_CONFIGURED(0x8000_0810_0000_0000L, Recoverability.RETRY),
  /** Key ownership table state wrong. */
  TDX_KEY_STATE_INCORRECT(0xC000_0811_0000_0000L, Recoverability.NO),
  /** This package already has the key (informational). */
  TDX_KEY_CONFIGURED(0x0000_0815_0000_0000L, Recoverability.INFORMATIONAL),
  /** A package has not finished its cache write back. */
  TDX_WBCACHE_NOT_COMPLETE(0x8000_0817_0000_0000L, Recoverability.RETRY),
  /** HKID in use. */
  TDX_HKID_NOT_FREE(0xC000_0820_0000_0000L, Recoverability.NO),
  /** Nothing to write back (informational). */
  TDX_NO_HKID_READY_TO_WBCACHE(0x0000_0821_0000_0000L, Recoverability.INFORMATIONAL),
  /** Resume requested without an interrupted operation. */
  TDX_WBCACHE_RESUME_ERROR(0xC000_0823_0000_0000L, Recoverability.NO),
  /** Some vCPU is still associated with a processor. */
  TDX_FLUSHVP_NOT_DONE(0x8000_0824_0000_0000L, Recoverability.RETRY),
  TDX_NUM_ACTIVATED_HKIDS_NOT_SUPPORTED(0xC000_0825_0000_0000L, Recoverability.NO),
  TDX_INCORRECT_CPUID_VALUE(0xC000_0900_0000_0000L, Recoverability.NO),
  TDX_BOOT_NT4_SET(0xC000_0901_0000_0000L, Recoverability.NO),
  TDX_LIMIT_CPUID_MAXVAL_SET(0xC000_0901_0000_0000L, Recoverability.NO),
  TDX_INCONSISTENT_CPUID_FIELD(0xC000_0902_0000_0000L, Recoverability.NO),
  TDX_CPUID_MAX_SUBLEAVES_UNRECOGNIZED(0xC000_0903_0000_0000L, Recoverability.NO),
  TDX_CPUID_LEAF_1F_FORMAT_UNRECOGNIZED(0xC000_0904_0000_0000L, Recoverability.NO),
  TDX_INVALID_WBINVD_SCOPE(0xC000_0905_0000_0000L, Recoverability.NO),
  TDX_INVALID_PKG_ID(0xC000_0906_0000_0000L, Recoverability.NO),
  TDX_ENABLE_MONITOR_FSM_NOT_SET(0xC000_0907_0000_0000L, Recoverability.NO),
  TDX_CPUID_LEAF_NOT_SUPPORTED(0xC000_0908_0000_0000L, Recoverability.NO),
  TDX_SMRR_NOT_LOCKED(0xC000_0910_0000_0000L, Recoverability.NO),
  TDX_INVALID_SMRR_CONFIGURATION(0xC000_0911_0000_0000L, Recoverability.NO),
  TDX_SMRR_OVERLAPS_CMR(0xC000_0912_0000_0000L, Recoverability.NO),
  TDX_SMRR_LOCK_NOT_SUPPORTED(0xC000_0913_0000_0000L, Recoverability.NO),
  TDX_SMRR_NOT_SUPPORTED(0xC000_0914_0000_0000L, Recoverability.NO),
  /** Host changed an MSR such as TSC_ADJUST. */
  TDX_INCONSISTENT_MSR(0xC000_0920_0000_0000L, Recoverability.NO),
  TDX_INCORRECT_MSR_VALUE(0xC000_0921_0000_0000L, Recoverability.NO),
  TDX_SEAMREPORT_NOT_AVAILABLE(0xC000_0930_0000_0000L, Recoverability.NO),
  TDX_SEAMDB_GETREF_NOT_AVAILABLE(0xC000_0931_0000_0000L, Recoverability.NO),
  TDX_SEAMDB_REPORT_NOT_AVAILABLE(0xC000_0932_0000_0000L, Recoverability.NO),
  TDX_SEAMVERIFYREPORT_NOT_AVAILABLE(0xC000_0933_0000_0000L, Recoverability.NO),
  TDX_INVALID_TDMR(0xC000_0A00_0000_0000L, Recoverability.NO),
  TDX_NON_ORDERED_TDMR(0xC000_0A01_0000_0000L, Recoverability.NO),
  TDX_TDMR_OUTSIDE_CMRS(0xC000_0A02_0000_0000L, Recoverability.NO),
  /** Whole TDMR already initialised (informational). */
  TDX_TDMR_ALREADY_INITIALIZED(0x0000_0A03_0000_0000L, Recoverability.INFORMATIONAL),
  TDX_INVALID_PAMT(0xC000_0A10_0000_0000L, Recoverability.NO),
  TDX_PAMT_OUTSIDE_CMRS(0xC000_0A11_0000_0000L, Recoverability.NO),
  TDX_PAMT_OVERLAP(0xC000_0A12_0000_0000L, Recoverability.NO),
  TDX_INVALID_RESERVED_IN_TDMR(0xC000_0A20_0000_0000L, Recoverability.NO),
  TDX_NON_ORDERED_RESERVED_IN_TDMR(0xC000_0A21_0000_0000L, Recoverability.NO),
  TDX_CMR_LIST_INVALID(0xC000_0A22_0000_0000L, Recoverability.NO),
  /** Walk stopped above the requested level; RCX/RDX describe the entry where it stopped. */
  TDX_EPT_WALK_FAILED(0xC000_0B00_0000_0000L, Recoverability.NO),
  /** Entry is free. */
  TDX_EPT_ENTRY_FREE(0xC000_0B01_0000_0000L, Recoverability.NO),
  /** Entry is not free (1.5 returns EPT_ENTRY_STATE_INCORRECT instead). */
  TDX_EPT_ENTRY_NOT_FREE(0xC000_0B02_0000_0000L, Recoverability.NO),
  /** Entry is not a mapped leaf. */
  TDX_EPT_ENTRY_NOT_PRESENT(0xC000_0B03_0000_0000L, Recoverability.NO),
  /** Entry is not a leaf. */
  TDX_EPT_ENTRY_NOT_LEAF(0xC000_0B04_0000_0000L, Recoverability.NO),
  /** Entry is a leaf. */
  TDX_EPT_ENTRY_LEAF(0xC000_0B05_0000_0000L, Recoverability.NO),
  /** Entry must be blocked first because the TD may be running. */
  TDX_GPA_RANGE_NOT_BLOCKED(0xC000_0B06_0000_0000L, Recoverability.NO),
  /** Entry is already in a blocked state (informational). */
  TDX_GPA_RANGE_ALREADY_BLOCKED(0x0000_0B07_0000_0000L, Recoverability.INFORMATIONAL),
  /** Block epoch not yet quiesced; MEM.TRACK and TD exits needed. */
  TDX_TLB_TRACKING_NOT_DONE(0xC000_0B08_0000_0000L, Recoverability.NO),
  /** The 512 children are not uniform or not contiguous. */
  TDX_EPT_INVALID_PROMOTE_CONDITIONS(0xC000_0B09_0000_0000L, Recoverability.NO),
  /** Page already guest accessible (informational). */
  TDX_PAGE_ALREADY_ACCEPTED(0x0000_0B0A_0000_0000L, Recoverability.INFORMATIONAL),
  /** Entry at the requested level is a table. */
  TDX_PAGE_SIZE_MISMATCH(0xC000_0B0B_0000_0000L, Recoverability.NO),
  /** Range is blocked. */
  TDX_GPA_RANGE_BLOCKED(0xC000_0B0C_0000_0000L, Recoverability.NO),
  /** Entry state not in the allowed set of the leaf. */
  TDX_EPT_ENTRY_STATE_INCORRECT(0xC000_0B0D_0000_0000L, Recoverability.NO),
  /** The table to be removed still has a used entry. */
  TDX_EPT_PAGE_NOT_FREE(0xC000_0B0E_0000_0000L, Recoverability.NO),
  /** L2 tree has no table at the level. */
  TDX_L2_SEPT_WALK_FAILED(0xC000_0B0F_0000_0000L, Recoverability.NO),
  /** L2 table already exists. */
  TDX_L2_SEPT_ENTRY_NOT_FREE(0xC000_0B10_0000_0000L, Recoverability.NO),
  /** Illegal attribute combination. */
  TDX_PAGE_ATTR_INVALID(0xC000_0B11_0000_0000L, Recoverability.NO),
  /** Alias exists but no page was given for it. */
  TDX_L2_SEPT_PAGE_NOT_PROVIDED(0xC000_0B12_0000_0000L, Recoverability.NO),
  TDX_METADATA_FIELD_ID_INCORRECT(0xC000_0C00_0000_0000L, Recoverability.NO),
  TDX_METADATA_FIELD_NOT_WRITABLE(0xC000_0C01_0000_0000L, Recoverability.NO),
  TDX_METADATA_FIELD_NOT_READABLE(0xC000_0C02_0000_0000L, Recoverability.NO),
  TDX_METADATA_FIELD_VALUE_NOT_VALID(0xC000_0C03_0000_0000L, Recoverability.NO),
  TDX_METADATA_LIST_OVERFLOW(0xC000_0C04_0000_0000L, Recoverability.NO),
  TDX_INVALID_METADATA_LIST_HEADER(0xC000_0C05_0000_0000L, Recoverability.NO),
  TDX_REQUIRED_METADATA_FIELD_MISSING(0xC000_0C06_0000_0000L, Recoverability.NO),
  TDX_METADATA_ELEMENT_SIZE_INCORRECT(0xC000_0C07_0000_0000L, Recoverability.NO),
  TDX_METADATA_LAST_ELEMENT_INCORRECT(0xC000_0C08_0000_0000L, Recoverability.NO),
  TDX_METADATA_FIELD_CURRENTLY_NOT_WRITABLE(0xC000_0C09_0000_0000L, Recoverability.NO),
  TDX_METADATA_WR_MASK_NOT_VALID(0xC000_0C0A_0000_0000L, Recoverability.NO),
  TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT(0x0000_0C0B_0000_0000L, Recoverability.INFORMATIONAL),
  TDX_METADATA_FIELD_SKIP(0x0000_0C0C_0000_0000L, Recoverability.INFORMATIONAL),
  TDX_VIRTUAL_MSR_VALUE_NOT_VALID(0xC000_0C0D_0000_0000L, Recoverability.NO),
  TDX_METADATA_FIELD_NOT_ALLOCATED(0xC000_0C0E_0000_0000L, Recoverability.NO),
  TDX_SERVTD_ALREADY_BOUND_FOR_TYPE(0xC000_0D00_0000_0000L, Recoverability.NO),
  TDX_SERVTD_TYPE_MISMATCH(0xC000_0D01_0000_0000L, Recoverability.NO),
  TDX_SERVTD_ATTR_MISMATCH(0xC000_0D02_0000_0000L, Recoverability.NO),
  TDX_SERVTD_INFO_HASH_MISMATCH(0xC000_0D03_0000_0000L, Recoverability.NO),
  TDX_SERVTD_UUID_MISMATCH(0xC000_0D04_0000_0000L, Recoverability.NO),
  TDX_SERVTD_NOT_BOUND(0xC000_0D05_0000_0000L, Recoverability.NO),
  TDX_SERVTD_BOUND(0xC000_0D06_0000_0000L, Recoverability.NO),
  TDX_TARGET_UUID_MISMATCH(0xC000_0D07_0000_0000L, Recoverability.NO),
  TDX_TARGET_UUID_UPDATED(0xC000_0D08_0000_0000L, Recoverability.NO),
  TDX_INVALID_MBMD(0xC000_0E00_0000_0000L, Recoverability.NO),
  TDX_INCORRECT_MBMD_MAC(0xC000_0E01_0000_0000L, Recoverability.NO),
  TDX_NOT_WRITE_BLOCKED(0xC000_0E02_0000_0000L, Recoverability.NO),
  TDX_ALREADY_WRITE_BLOCKED(0x0000_0E03_0000_0000L, Recoverability.INFORMATIONAL),
  TDX_NOT_EXPORTED(0xC000_0E04_0000_0000L, Recoverability.NO),
  TDX_MIGRATION_STREAM_STATE_INCORRECT(0xC000_0E05_0000_0000L, Recoverability.NO),
  TDX_MAX_MIGS_NUM_EXCEEDED(0xC000_0E06_0000_0000L, Recoverability.NO),
  TDX_EXPORTED_DIRTY_PAGES_REMAIN(0xC000_0E07_0000_0000L, Recoverability.NO),
  TDX_MIGRATION_DECRYPTION_KEY_NOT_SET(0xC000_0E08_0000_0000L, Recoverability.NO),
  TDX_TD_NOT_MIGRATABLE(0xC000_0E09_0000_0000L, Recoverability.NO),
  TDX_PREVIOUS_EXPORT_CLEANUP_INCOMPLETE(0xC000_0E0A_0000_0000L, Recoverability.NO),
  TDX_NUM_MIGS_HIGHER_THAN_CREATED(0xC000_0E0B_0000_0000L, Recoverability.NO),
  TDX_IMPORT_MISMATCH(0xC000_0E0C_0000_0000L, Recoverability.NO),
  TDX_MIGRATION_EPOCH_OVERFLOW(0xC000_0E0D_0000_0000L, Recoverability.NO),
  TDX_MAX_EXPORTS_EXCEEDED(0xC000_0E0E_0000_0000L, Recoverability.NO),
  TDX_INVALID_PAGE_MAC(0xC000_0E0F_0000_0000L, Recoverability.NO),
  TDX_MIGRATED_IN_CURRENT_EPOCH(0xC000_0E10_0000_0000L, Recoverability.NO),
  TDX_DISALLOWED_IMPORT_OVER_REMOVED(0xC000_0E11_0000_0000L, Recoverability.NO),
  TDX_SOME_VCPUS_NOT_MIGRATED(0xC000_0E12_0000_0000L, Recoverability.NO),
  TDX_ALL_VCPUS_IMPORTED(0xC000_0E13_0000_0000L, Recoverability.NO),
  TDX_MIN_MIGS_NOT_CREATED(0xC000_0E14_0000_0000L, Recoverability.NO),
  TDX_VCPU_ALREADY_EXPORTED(0xC000_0E15_0000_0000L, Recoverability.NO),
  TDX_INVALID_MIGRATION_DECRYPTION_KEY(0xC000_0E16_0000_0000L, Recoverability.NO),
  TDX_IOTLB_TRACKING_NOT_DONE(0xC000_0F03_0000_0000L, Recoverability.NO),
  TDX_INVALID_CPUSVN(0xC000_1000_0000_0000L, Recoverability.NO),
  TDX_INVALID_REPORTMACSTRUCT(0xC000_1001_0000_0000L, Recoverability.NO),
  TDX_L2_EXIT_HOST_ROUTED_ASYNC(0x0000_1100_0000_0000L, Recoverability.INFORMATIONAL),
  TDX_L2_EXIT_HOST_ROUTED_TDVMCALL(0x0000_1101_0000_0000L, Recoverability.INFORMATIONAL),
  TDX_L2_EXIT_PENDING_INTERRUPT(0x0000_1102_0000_0000L, Recoverability.INFORMATIONAL),
  TDX_PENDING_INTERRUPT(0x0000_1120_0000_0000L, Recoverability.INFORMATIONAL),
  TDX_TD_EXIT_BEFORE_L2_ENTRY(0x0000_1140_0000_0000L, Recoverability.INFORMATIONAL),
  TDX_TD_EXIT_ON_L2_VM_EXIT(0x0000_1141_0000_0000L, Recoverability.INFORMATIONAL),
  TDX_TD_EXIT_ON_L2_TO_L1(0x0000_1142_0000_0000L, Recoverability.INFORMATIONAL),
  TDX_GLA_NOT_CANONICAL(0xC000_1160_0000_0000L, Recoverability.NO);

  /** What a caller can do about a status. */
  public enum Recoverability {
    /** The call did its work. */
    SUCCESS,
    /** No error bit: the call found its work done already, or has something to tell. */
    INFORMATIONAL,
    /** The same call may succeed later. */
    RETRY,
    /** The same call cannot succeed until something else has changed. */
    NO,
    /** A TD exit after which the vCPU or the TD cannot run again. */
    TD_EXIT_DEAD
  }

  private static final int CLASSES = 0x12;
  private static final @Nullable TdxStatus[] BY_CLASS_AND_DETAIL =
      new @Nullable TdxStatus[CLASSES << 8];

  static {
    for (TdxStatus status : values()) {
      int index = indexOf(status.value);
      // Two values of 1.0 and 1.5.05 share class and detail: the later constant is the 1.5.05 one.
      BY_CLASS_AND_DETAIL[index] = status;
    }
  }

  private final long value;
  private final Recoverability recoverability;

  TdxStatus(long value, Recoverability recoverability) {
    this.value = value;
    this.recoverability = recoverability;
  }

  /** Returns the position in this enumeration, for tables. */
  @SuppressWarnings("EnumOrdinal") // an index into arrays, never kept or shown
  public int index() {
    return ordinal();
  }

  /** Returns the status with an empty low half. */
  public long value() {
    return value;
  }

  /** Returns the status with the operand it is about in its low half. */
  public long with(OperandId operand) {
    return value | operand.id();
  }

  /** Returns the status with {@code low}, a level or an exit reason, in its low half. */
  public long withLow(int low) {
    return value | (low & 0xffff_ffffL);
  }

  /** Returns the class, bits 47:40: 1 operand, 2 busy, 3 page metadata, 0xb S-EPT and so on. */
  public int statusClass() {
    return (int) (value >>> 40) & 0xff;
  }

  /** Returns what a caller can do about it. */
  public Recoverability recoverability() {
    return recoverability;
  }

  /** Returns whether {@code rax} is this status, whatever its low half. */
  public boolean matches(long rax) {
    return value == (rax & 0xffff_ffff_0000_0000L);
  }

  /** Returns the status in the upper half of {@code rax}, or null if there is none such. */
  public static @Nullable TdxStatus of(long rax) {
    if (rax >>> 32 == 0) {
      return TDX_SUCCESS;
    }
    int index = indexOf(rax);
    if (index < BY_CLASS_AND_DETAIL.length) {
      TdxStatus status = BY_CLASS_AND_DETAIL[index];
      if (status != null && status.matches(rax)) {
        return status;
      }
    }
    for (TdxStatus status : values()) {
      if (status.matches(rax)) {
        return status;
      }
    }
    return null;
  }

  /**
   * Returns {@code rax} in words: the name and what stands in the low half, as in {@code
   * TDX_OPERAND_BUSY+RCX}.
   */
  public static String describe(long rax) {
    TdxStatus status = of(rax);
    if (status == null) {
      return String.format("0x%016X", rax);
    }
    int low = (int) rax;
    if (low == 0) {
      return status.name();
    }
    OperandId operand = status.lowHalfIsOperand() ? OperandId.of(low) : null;
    return status.name() + "+" + (operand == null ? Integer.toUnsignedString(low) : operand.name());
  }

  private boolean lowHalfIsOperand() {
    return switch (this) {
      case TDX_SUCCESS,
          TDX_PAGE_ALREADY_ACCEPTED,
          TDX_PAGE_SIZE_MISMATCH,
          TDX_L2_SEPT_WALK_FAILED,
          TDX_L2_SEPT_ENTRY_NOT_FREE ->
          false;
      default -> recoverability != Recoverability.TD_EXIT_DEAD;
    };
  }

  private static int indexOf(long rax) {
    return (int) (rax >>> 32) & 0xffff;
  }
}
