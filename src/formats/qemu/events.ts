// The trace events of QEMU's NVMe device by release: names, arguments in order, releases that list them.
// [QEMU] hw/block/trace-events (2.12 to 6.0), hw/nvme/trace-events (6.1 and later), up to QEMU 10.2.
// Listed is not emitted: a dozen events are declared only, no release ever prints them.
//
// Names stand without their prefix: `nvme_` in QEMU 2.12 to 5.0, `pci_nvme_` since 5.1.
// Argument types: u8 .. u64, i32, i64, size (size_t), bool, str (const char *).
// QEMU's own NVMe driver in the host (block/trace-events) uses the prefix `nvme_` in every release;
// its names are at the end, so that its events aren't taken for the device's.

/** QEMU releases with NVMe trace events, oldest first. The newest stands for what comes after it too. */
export const RELEASES = [
  '2.12', '3.0', '3.1', '4.0', '4.1', '4.2', '5.0', '5.1', '5.2', '6.0', '6.1', '6.2',
  '7.0', '7.1', '7.2', '8.0', '8.1', '8.2', '9.0', '9.1', '9.2', '10.0', '10.1', '10.2',
] as const;

export const ARG_TYPES = ['u8', 'u16', 'u32', 'u64', 'i32', 'i64', 'size', 'bool', 'str'] as const;
export type ArgType = (typeof ARG_TYPES)[number];

export interface EventArg {
  readonly name: string;
  readonly type: ArgType;
}

/** One definition of an event; an event whose arguments changed has several, oldest first. */
export interface EventDefinition {
  /** Without prefix. */
  readonly name: string;
  /** Indexes in RELEASES of the first and the last release with this definition. */
  readonly from: number;
  readonly to: number;
  readonly args: readonly EventArg[];
}

type Row = readonly [name: string, releases: string, args: string];

const ROWS: readonly Row[] = [
  // Doorbells, MMIO, shadow doorbells
  ['mmio_read', '5.2', 'addr:u64'],
  ['mmio_read', '6.0+', 'addr:u64 size:u32'],
  ['mmio_write', '5.2', 'addr:u64 data:u64'],
  ['mmio_write', '6.0+', 'addr:u64 data:u64 size:u32'],
  ['mmio_doorbell_sq', '5.2+', 'sqid:u16 new_tail:u16'],
  ['mmio_doorbell_cq', '5.2+', 'cqid:u16 new_head:u16'],
  ['dbbuf_config', '7.1+', 'dbs_addr:u64 eis_addr:u64'],
  ['shadow_doorbell_sq', '7.1-7.2', 'sqid:u16 new_shadow_doorbell:u16'],
  ['shadow_doorbell_cq', '7.1-7.2', 'cqid:u16 new_shadow_doorbell:u16'],
  ['eventidx_sq', '7.1-7.2', 'sqid:u16 new_eventidx:u16'],
  ['eventidx_cq', '7.1-7.2', 'cqid:u16 new_eventidx:u16'],
  ['update_sq_tail', '8.0+', 'sqid:u16 new_tail:u16'],
  ['update_cq_head', '8.0+', 'cqid:u16 new_head:u16'],
  ['update_sq_eventidx', '8.0+', 'sqid:u16 new_eventidx:u16'],
  ['update_cq_eventidx', '8.0+', 'cqid:u16 new_eventidx:u16'],
  // Doorbell errors ("ub" = undefined behaviour by the guest)
  ['ub_db_wr_misaligned', '2.12+', 'offset:u64'],
  ['ub_db_wr_invalid_cq', '2.12+', 'qid:u32'],
  ['ub_db_wr_invalid_cqhead', '2.12+', 'qid:u32 new_head:u16'],
  ['ub_db_wr_invalid_sq', '2.12+', 'qid:u32'],
  ['ub_db_wr_invalid_sqtail', '2.12+', 'qid:u32 new_tail:u16'],
  // Commands and completions
  ['io_cmd', '5.2-6.0', 'cid:u16 nsid:u32 sqid:u16 opcode:u8 opname:str'],
  ['io_cmd', '6.1+', 'cid:u16 nsid:u32 sqid:u16 opcode:u8 opname:str'],
  ['admin_cmd', '5.2+', 'cid:u16 sqid:u16 opcode:u8 opname:str'],
  ['rw', '2.12-5.1', 'verb:str blk_count:u32 byte_count:u64 lba:u64'],
  ['rw', '5.2', 'cid:u16 verb:str nsid:u32 nlb:u32 count:u64 lba:u64'],
  ['read', '6.0+', 'cid:u16 nsid:u32 nlb:u32 count:u64 lba:u64'],
  ['write', '6.0+', 'cid:u16 verb:str nsid:u32 nlb:u32 count:u64 lba:u64'],
  ['rw_cb', '5.2+', 'cid:u16 blkname:str'],
  ['rw_complete_cb', '6.0+', 'cid:u16 blkname:str'],
  ['misc_cb', '6.0', 'cid:u16 blkname:str'],
  ['misc_cb', '6.1+', 'cid:u16'],
  ['write_zeroes', '5.2', 'cid:u16 nsid:u32 slba:u64 nlb:u32'],
  ['flush', '6.0', 'cid:u16 nsid:u32'],
  ['flush_ns', '6.1+', 'nsid:u32'],
  ['enqueue_req_completion', '5.2-6.0', 'cid:u16 cqid:u16 status:u16'],
  ['enqueue_req_completion', '6.1+', 'cid:u16 cqid:u16 dw0:u32 dw1:u32 status:u16'],
  ['err_req_status', '5.2+', 'cid:u16 nsid:u32 status:u16 opc:u8'],
  ['err_aio', '5.2+', 'cid:u16 errname:str status:u16'],
  // Data mapping
  ['dma_read', '2.12+', 'prp1:u64 prp2:u64'],
  ['map_prp', '5.2+', 'trans_len:u64 len:u32 prp1:u64 prp2:u64 num_prps:i32'],
  ['map_sgl', '5.2', 'cid:u16 typ:u8 len:u64'],
  ['map_sgl', '6.0+', 'typ:u8 len:u64'],
  ['map_addr', '5.2+', 'addr:u64 len:u64'],
  ['map_addr_cmb', '5.2+', 'addr:u64 len:u64'],
  ['err_mdts', '5.2', 'cid:u16 len:size'],
  ['err_mdts', '6.0+', 'len:size'],
  ['err_invalid_dma', '2.12+', ''],
  ['err_invalid_prp', '2.12-5.1', ''],
  ['err_invalid_prplist_ent', '2.12-5.1', 'prplist:u64'],
  ['err_invalid_prplist_ent', '5.2+', 'prplist:u64'],
  ['err_invalid_prp2_align', '2.12+', 'prp2:u64'],
  ['err_invalid_prp2_missing', '2.12-5.1', ''],
  ['err_invalid_sgl', '2.12-3.1', ''],
  ['err_invalid_sgld', '5.2+', 'cid:u16 typ:u8'],
  ['err_invalid_num_sgld', '5.2+', 'cid:u16 typ:u8'],
  ['err_invalid_sgl_excess_length', '5.2', 'cid:u16'],
  ['err_invalid_sgl_excess_length', '6.0+', 'residual:u32'],
  ['ub_too_many_mappings', '6.1+', ''],
  ['err_addr_read', '5.2+', 'addr:u64'],
  ['err_addr_write', '5.2+', 'addr:u64'],
  ['err_cfs', '5.2+', ''],
  // Interrupts
  ['irq_msix', '2.12+', 'vector:u32'],
  ['irq_pin', '2.12+', ''],
  ['irq_masked', '2.12+', ''],
  // Queue management
  ['create_sq', '2.12+', 'addr:u64 sqid:u16 cqid:u16 qsize:u16 qflags:u16'],
  ['create_cq', '2.12+', 'addr:u64 cqid:u16 vector:u16 size:u16 qflags:u16 ien:i32'],
  ['del_sq', '2.12+', 'qid:u16'],
  ['del_cq', '2.12-4.2', 'cqid:u16'],
  ['del_cq', '5.0+', 'cqid:u16'],
  ['err_invalid_create_cq_entry_size', '8.1+', 'iosqes:u8 iocqes:u8'],
  ['err_invalid_create_cq_cqid', '2.12+', 'cqid:u16'],
  ['err_invalid_create_cq_size', '2.12+', 'size:u16'],
  ['err_invalid_create_cq_addr', '2.12+', 'addr:u64'],
  ['err_invalid_create_cq_vector', '2.12+', 'vector:u16'],
  ['err_invalid_create_cq_qflags', '2.12+', 'qflags:u16'],
  ['err_invalid_create_sq_cqid', '2.12+', 'cqid:u16'],
  ['err_invalid_create_sq_sqid', '2.12+', 'sqid:u16'],
  ['err_invalid_create_sq_size', '2.12+', 'qsize:u16'],
  ['err_invalid_create_sq_addr', '2.12+', 'addr:u64'],
  ['err_invalid_create_sq_qflags', '2.12+', 'qflags:u16'],
  ['err_invalid_del_sq', '2.12+', 'qid:u16'],
  ['err_invalid_del_cq_cqid', '2.12+', 'cqid:u16'],
  ['err_invalid_del_cq_notempty', '2.12+', 'cqid:u16'],
  // Controller registers and life
  ['mmio_cfg', '2.12+', 'data:u64'],
  ['mmio_aqattr', '2.12+', 'data:u64'],
  ['mmio_asqaddr', '2.12+', 'data:u64'],
  ['mmio_asqaddr_hi', '2.12+', 'data:u64 new_addr:u64'],
  ['mmio_acqaddr', '2.12+', 'data:u64'],
  ['mmio_acqaddr_hi', '2.12+', 'data:u64 new_addr:u64'],
  ['mmio_intm_set', '2.12+', 'data:u64 new_mask:u64'],
  ['mmio_intm_clr', '2.12+', 'data:u64 new_mask:u64'],
  ['mmio_start_success', '2.12+', ''],
  ['mmio_stopped', '2.12+', ''],
  ['mmio_shutdown_set', '2.12+', ''],
  ['mmio_shutdown_cleared', '2.12+', ''],
  ['pci_reset', '7.1+', ''],
  ['err_ignored_mmio_vf_offline', '7.1+', 'addr:u64 size:u32'],
  // Start failures (always followed by err_startfail)
  ['err_startfail', '2.12+', ''],
  ['err_startfail_cq', '2.12+', ''],
  ['err_startfail_sq', '2.12+', ''],
  ['err_startfail_nbarasq', '2.12-6.1', ''],
  ['err_startfail_nbaracq', '2.12-6.1', ''],
  ['err_startfail_asq_misaligned', '2.12+', 'addr:u64'],
  ['err_startfail_acq_misaligned', '2.12+', 'addr:u64'],
  ['err_startfail_page_too_small', '2.12+', 'log2ps:u8 maxlog2ps:u8'],
  ['err_startfail_page_too_large', '2.12+', 'log2ps:u8 maxlog2ps:u8'],
  ['err_startfail_cqent_too_small', '2.12+', 'log2ps:u8 maxlog2ps:u8'],
  ['err_startfail_cqent_too_large', '2.12+', 'log2ps:u8 maxlog2ps:u8'],
  ['err_startfail_sqent_too_small', '2.12+', 'log2ps:u8 maxlog2ps:u8'],
  ['err_startfail_sqent_too_large', '2.12+', 'log2ps:u8 maxlog2ps:u8'],
  ['err_startfail_asqent_sz_zero', '2.12+', ''],
  ['err_startfail_acqent_sz_zero', '2.12+', ''],
  ['err_startfail_css', '5.2+', 'css:u8'],
  ['err_startfail_virt_state', '7.1-8.0', 'vq:u16 vi:u16 state:str'],
  ['err_startfail_virt_state', '8.1+', 'vq:u16 vi:u16'],
  ['err_startfail_zasl_too_small', '6.0+', 'zasl:u32 pagesz:u32'],
  // Register access errors
  ['ub_mmiowr_misaligned32', '2.12+', 'offset:u64'],
  ['ub_mmiowr_toosmall', '2.12+', 'offset:u64 size:u32'],
  ['ub_mmiowr_intmask_with_msix', '2.12+', ''],
  ['ub_mmiowr_ro_csts', '2.12+', ''],
  ['ub_mmiowr_ssreset_w1c_unsupported', '2.12+', ''],
  ['ub_mmiowr_ssreset_unsupported', '2.12+', ''],
  ['ub_mmiowr_cmbloc_reserved', '2.12+', ''],
  ['ub_mmiowr_cmbsz_readonly', '2.12+', ''],
  ['ub_mmiowr_pmrcap_readonly', '5.1+', ''],
  ['ub_mmiowr_pmrsts_readonly', '5.1+', ''],
  ['ub_mmiowr_pmrebs_readonly', '5.1+', ''],
  ['ub_mmiowr_pmrswtp_readonly', '5.1+', ''],
  ['ub_mmiowr_invalid', '2.12+', 'offset:u64 data:u64'],
  ['ub_mmiord_misaligned32', '2.12+', 'offset:u64'],
  ['ub_mmiord_toosmall', '2.12+', 'offset:u64'],
  ['ub_mmiord_invalid_ofs', '2.12+', 'offset:u64'],
  ['ub_unknown_css_value', '6.0+', ''],
  // Asynchronous events
  ['aer', '5.2+', 'cid:u16'],
  ['aer_aerl_exceeded', '5.2+', ''],
  ['enqueue_event', '5.2+', 'typ:u8 info:u8 log_page:u8'],
  ['enqueue_event_noqueue', '5.2+', 'queued:i32'],
  ['enqueue_event_masked', '5.2+', 'typ:u8'],
  ['process_aers', '5.2+', 'queued:i32'],
  ['no_outstanding_aers', '5.2+', ''],
  ['aer_masked', '5.2+', 'type:u8 mask:u8'],
  ['aer_post_cqe', '5.2+', 'typ:u8 info:u8 log_page:u8'],
  // Admin commands
  ['identify', '6.0+', 'cid:u16 cns:u8 ctrlid:u16 csi:u8'],
  ['identify_ctrl', '2.12+', ''],
  ['identify_ctrl_csi', '6.0+', 'csi:u8'],
  ['identify_ctrl_list', '6.1+', 'cns:u8 cntid:u16'],
  ['identify_pri_ctrl_cap', '7.1+', 'cntlid:u16'],
  ['identify_sec_ctrl_list', '7.1+', 'cntlid:u16 numcntl:u8'],
  ['identify_ns', '2.12-5.1', 'ns:u16'],
  ['identify_ns', '5.2+', 'ns:u32'],
  ['identify_ns_ind', '9.2+', 'nsid:u32'],
  ['identify_ns_csi', '6.0+', 'ns:u32 csi:u8'],
  ['identify_ns_attached_list', '6.0', 'cntid:u16'],
  ['identify_nslist', '2.12-5.1', 'ns:u16'],
  ['identify_nslist', '5.2+', 'ns:u32'],
  ['identify_nslist_csi', '6.0+', 'ns:u16 csi:u8'],
  ['identify_ns_descr_list', '5.2+', 'ns:u32'],
  ['identify_cmd_set', '6.0+', ''],
  ['get_log', '5.2+', 'cid:u16 lid:u8 lsp:u8 rae:u8 len:u32 off:u64'],
  ['getfeat', '5.2+', 'cid:u16 nsid:u32 fid:u8 sel:u8 cdw11:u32'],
  ['setfeat', '5.2+', 'cid:u16 nsid:u32 fid:u8 save:u8 cdw11:u32'],
  ['getfeat_vwcache', '2.12+', 'result:str'],
  ['getfeat_numq', '2.12+', 'result:i32'],
  ['setfeat_numq', '2.12+', 'reqcq:i32 reqsq:i32 gotcq:i32 gotsq:i32'],
  ['getfeat_timestamp', '4.1+', 'ts:u64'],
  ['setfeat_timestamp', '4.1+', 'ts:u64'],
  ['ns_attachment', '6.0+', 'cid:u16 sel:u8'],
  ['ns_attachment_attach', '6.0+', 'cntlid:u16 nsid:u32'],
  ['format', '6.0', 'cid:u16 nsid:u32 lbaf:u8 mset:u8 pi:u8 pil:u8'],
  ['format_ns', '6.0', 'cid:u16 nsid:u32 lbaf:u8 mset:u8 pi:u8 pil:u8'],
  ['format_set', '6.1+', 'nsid:u32 lbaf:u8 mset:u8 pi:u8 pil:u8'],
  ['format_cb', '6.0', 'cid:u16 nsid:u32'],
  ['virt_mngmt', '7.1+', 'cid:u16 act:u16 cntlid:u16 rt:str nr:u16'],
  ['register_namespace', '5.2', 'nsid:u32'],
  ['fdp_ruh_change', '8.0+', 'rgid:u16 ruhid:u16'],
  ['err_invalid_opc', '2.12+', 'opc:u8'],
  ['err_invalid_admin_opc', '2.12+', 'opc:u8'],
  ['err_invalid_ns', '2.12-5.1', 'ns:u32 limit:u32'],
  ['err_invalid_field', '2.12-3.1', ''],
  ['err_invalid_identify_cns', '2.12+', 'cns:u16'],
  ['err_invalid_getfeat', '2.12+', 'dw10:i32'],
  ['err_invalid_setfeat', '2.12+', 'dw10:u32'],
  ['err_invalid_log_page', '5.2+', 'cid:u16 lid:u16'],
  ['err_invalid_log_page_offset', '6.0+', 'ofs:u64 size:u64'],
  ['err_invalid_iocsci', '6.0+', 'idx:u32'],
  ['err_invalid_mgmt_action', '6.0+', 'action:u8'],
  // Remaining events (data-path detail: DSM, compare, verify, copy, end-to-end protection, zones, misc errors)
  ['err_invalid_lba_range', '2.12+', 'start:u64 len:u64 limit:u64'],
  ['dif_rw', '6.0+', 'pract:u8 prinfo:u8'],
  ['dif_rw_cb', '6.0+', 'cid:u16 blkname:str'],
  ['dif_rw_mdata_in_cb', '6.0+', 'cid:u16 blkname:str'],
  ['dif_rw_mdata_out_cb', '6.0+', 'cid:u16 blkname:str'],
  ['dif_rw_check_cb', '6.0+', 'cid:u16 prinfo:u8 apptag:u16 appmask:u16 reftag:u32'],
  ['dif_pract_generate_dif', '6.0-6.2', 'len:size lba_size:size chksum_len:size apptag:u16 reftag:u32'],
  ['dif_check', '6.0+', 'prinfo:u8 chksum_len:u16'],
  ['dif_prchk_disabled', '6.0-6.2', 'apptag:u16 reftag:u32'],
  ['dif_prchk_guard', '6.0-6.2', 'guard:u16 crc:u16'],
  ['dif_prchk_apptag', '6.0+', 'apptag:u16 elbat:u16 elbatm:u16'],
  ['dif_prchk_reftag', '6.0-6.2', 'reftag:u32 elbrt:u32'],
  ['copy', '6.0+', 'cid:u16 nsid:u32 nr:u16 format:u8'],
  ['copy_source_range', '6.0+', 'slba:u64 nlb:u32'],
  ['copy_in_complete', '6.0', 'cid:u16'],
  ['copy_cb', '6.0', 'cid:u16'],
  ['verify', '6.0+', 'cid:u16 nsid:u32 slba:u64 nlb:u32'],
  ['verify_mdata_in_cb', '6.0+', 'cid:u16 blkname:str'],
  ['verify_cb', '6.0+', 'cid:u16 prinfo:u8 apptag:u16 appmask:u16 reftag:u32'],
  ['block_status', '6.0+', 'offset:i64 bytes:i64 pnum:i64 ret:i32 zeroed:bool'],
  ['dsm', '6.0', 'cid:u16 nsid:u32 nr:u32 attr:u32'],
  ['dsm', '6.1+', 'nr:u32 attr:u32'],
  ['dsm_deallocate', '6.0', 'cid:u16 nsid:u32 slba:u64 nlb:u32'],
  ['dsm_deallocate', '6.1+', 'slba:u64 nlb:u32'],
  ['dsm_single_range_limit_exceeded', '6.0+', 'nlb:u32 dmrsl:u32'],
  ['compare', '6.0+', 'cid:u16 nsid:u32 slba:u64 nlb:u32'],
  ['compare_data_cb', '6.0+', 'cid:u16'],
  ['compare_mdata_cb', '6.0+', 'cid:u16'],
  ['aio_discard_cb', '6.0+', 'cid:u16'],
  ['aio_copy_in_cb', '6.0+', 'cid:u16'],
  ['aio_zone_reset_cb', '6.0', 'cid:u16 zslba:u64'],
  ['aio_flush_cb', '6.0+', 'cid:u16 blkname:str'],
  ['open_zone', '6.0+', 'slba:u64 zone_idx:u32 all:i32'],
  ['close_zone', '6.0+', 'slba:u64 zone_idx:u32 all:i32'],
  ['finish_zone', '6.0+', 'slba:u64 zone_idx:u32 all:i32'],
  ['reset_zone', '6.0+', 'slba:u64 zone_idx:u32 all:i32'],
  ['offline_zone', '6.0+', 'slba:u64 zone_idx:u32 all:i32'],
  ['set_descriptor_extension', '6.0+', 'slba:u64 zone_idx:u32'],
  ['zd_extension_set', '6.0+', 'zone_idx:u32'],
  ['clear_ns_close', '6.0+', 'state:u32 slba:u64'],
  ['clear_ns_reset', '6.0+', 'state:u32 slba:u64'],
  ['err_zasl', '6.0+', 'len:size'],
  ['err_copy_invalid_format', '6.0+', 'format:u8'],
  ['err_cmb_invalid_cba', '6.0+', 'cmbmsc:u64'],
  ['err_cmb_not_enabled', '6.0+', 'cmbmsc:u64'],
  ['err_unaligned_zone_cmd', '6.0+', 'action:u8 slba:u64 zslba:u64'],
  ['err_invalid_zone_state_transition', '6.0+', 'action:u8 slba:u64 attrs:u8'],
  ['err_write_not_at_wp', '6.0+', 'slba:u64 zone:u64 wp:u64'],
  ['err_append_not_at_start', '6.0+', 'slba:u64 zone:u64'],
  ['err_zone_is_full', '6.0+', 'zslba:u64'],
  ['err_zone_is_read_only', '6.0+', 'zslba:u64'],
  ['err_zone_is_offline', '6.0+', 'zslba:u64'],
  ['err_zone_boundary', '6.0+', 'slba:u64 nlb:u32 zcap:u64'],
  ['err_zone_invalid_write', '6.0+', 'slba:u64 wp:u64'],
  ['err_zone_write_not_ok', '6.0+', 'slba:u64 nlb:u32 status:u16'],
  ['err_zone_read_not_ok', '6.0+', 'slba:u64 nlb:u32 status:u16'],
  ['err_insuff_active_res', '6.0+', 'max_active:u32'],
  ['err_insuff_open_res', '6.0+', 'max_open:u32'],
  ['err_zd_extension_map_error', '6.0+', 'zone_idx:u32'],
  ['copy_out', '6.1+', 'slba:u64 nlb:u32'],
  ['zns_zone_reset', '6.1+', 'zslba:u64'],
  ['dif_pract_generate_dif_crc16', '7.0+', 'len:size lba_size:size chksum_len:size apptag:u16 reftag:u32'],
  ['dif_pract_generate_dif_crc64', '7.0+', 'len:size lba_size:size chksum_len:size apptag:u16 reftag:u64'],
  ['dif_prchk_disabled_crc16', '7.0+', 'apptag:u16 reftag:u32'],
  ['dif_prchk_disabled_crc64', '7.0+', 'apptag:u16 reftag:u64'],
  ['dif_prchk_guard_crc16', '7.0+', 'guard:u16 crc:u16'],
  ['dif_prchk_guard_crc64', '7.0+', 'guard:u64 crc:u64'],
  ['dif_prchk_reftag_crc16', '7.0+', 'reftag:u32 elbrt:u32'],
  ['dif_prchk_reftag_crc64', '7.0+', 'reftag:u64 elbrt:u64'],
  ['zoned_zrwa_implicit_flush', '7.0+', 'zslba:u64 nlb:u32'],
];

/** Index in RELEASES; throws on a release that the table doesn't know. */
export function releaseIndex(release: string): number {
  const index = (RELEASES as readonly string[]).indexOf(release);
  if (index < 0) throw new RangeError(`QEMU ${release} is not among the known releases`);
  return index;
}

/** "5.2" -> that release, "6.0-6.2" -> a span, "8.0+" -> up to the newest. */
function parseReleases(text: string): { from: number; to: number } {
  if (text.endsWith('+')) return { from: releaseIndex(text.slice(0, -1)), to: RELEASES.length - 1 };
  const [from = text, to = from] = text.split('-');
  return { from: releaseIndex(from), to: releaseIndex(to) };
}

function parseArgs(text: string): EventArg[] {
  if (text === '') return [];
  return text.split(' ').map((arg) => {
    const [name = '', typeName] = arg.split(':');
    const type = ARG_TYPES.find((known) => known === typeName);
    if (type === undefined) throw new Error(`internal error: argument ${arg} has no known type`);
    return { name, type };
  });
}

/** Every definition of every event. */
export const DEFINITIONS: readonly EventDefinition[] = ROWS.map(([name, releases, args]) => ({
  name,
  ...parseReleases(releases),
  args: parseArgs(args),
}));

/** The definitions of one event, oldest first; empty for an unknown name. */
export function definitionsOf(name: string): readonly EventDefinition[] {
  return DEFINITIONS.filter((definition) => definition.name === name);
}

/** First release whose device events are named `pci_nvme_`. */
export const FIRST_PCI_RELEASE = releaseIndex('5.1');

/** Full names of the events of QEMU's NVMe driver. [QEMU] block/trace-events */
export const DRIVER_EVENTS: readonly string[] = [
  'nvme_controller_capability', 'nvme_controller_capability_raw', 'nvme_controller_spec_version',
  'nvme_kick', 'nvme_dma_flush_queue_wait', 'nvme_error', 'nvme_process_completion',
  'nvme_process_completion_queue_plugged', 'nvme_complete_command', 'nvme_submit_command',
  'nvme_submit_command_raw', 'nvme_handle_event', 'nvme_poll_queue', 'nvme_prw_aligned', 'nvme_write_zeroes',
  'nvme_qiov_unaligned', 'nvme_prw_buffered', 'nvme_rw_done', 'nvme_dsm', 'nvme_dsm_done', 'nvme_dma_map_flush',
  'nvme_free_req_queue_wait', 'nvme_create_queue_pair', 'nvme_free_queue_pair', 'nvme_cmd_map_qiov',
  'nvme_cmd_map_qiov_pages', 'nvme_cmd_map_qiov_iov',
];
