/**
 * PostgreSQL's settings. They are on the server's command line, which overrides every file in the data folder; the
 * files are rewritten at each start.
 * @module
 */

/** A server's settings by name. */
export type Settings = Readonly<Record<string, string | number>>

/** The port whose number names the socket; nothing listens on a network. */
export const PORT = 5432

/**
 * Forbids external code: no library is loaded, no command run and no event trigger fired, whatever a restored data
 * folder contains.
 */
const WITHOUT_FOREIGN_CODE: Settings = {
  archive_mode: "off",
  archive_command: "",
  archive_library: "",
  archive_cleanup_command: "",
  recovery_end_command: "",
  restore_command: "",
  primary_conninfo: "",
  shared_preload_libraries: "",
  session_preload_libraries: "",
  local_preload_libraries: "",
  dynamic_library_path: "$libdir",
  extension_control_path: "$system",
  event_triggers: "off",
  jit: "off",
  ssl: "off",
}

/**
 * Settings of the server for a small machine. Statements and values never enter the log. An error's first line quotes
 * values too (`invalid input syntax for type uuid: ...`), so errors of sessions are not logged at all.
 *
 * @param socketDir - Absolute path of the socket's folder.
 * @param isForGroup - Whether the socket is for the folder's group as well.
 */
export function serverSettings(socketDir: string, isForGroup = false): Settings {
  return {
    listen_addresses: "",
    port: PORT,
    unix_socket_directories: `"${socketDir.replaceAll('"', '""')}"`,
    unix_socket_permissions: isForGroup ? "0770" : "0700",
    password_encryption: "scram-sha-256",
    allow_alter_system: "off",

    ...WITHOUT_FOREIGN_CODE,

    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",

    max_connections: 100,
    shared_buffers: "128MB",
    // Enough for pg_backup_start with a slot that keeps the log; the limit stops a forgotten slot from filling the
    // disk.
    wal_level: "replica",
    max_wal_senders: 2,
    max_replication_slots: 2,
    max_slot_wal_keep_size: "4GB",

    log_destination: "stderr",
    logging_collector: "off",
    log_min_messages: "log",
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
    log_statement: "none",
    log_duration: "off",
    log_min_duration_statement: -1,
    log_min_duration_sample: -1,
    log_transaction_sample_rate: 0,
    log_parameter_max_length: 0,
    log_parameter_max_length_on_error: 0,
    log_autovacuum_min_duration: -1,
    log_checkpoints: "off",
    log_connections: "",
    log_disconnections: "off",
    log_lock_waits: "off",
    log_temp_files: -1,
    log_line_prefix: "%m [%p] ",
    log_timezone: "UTC",

    timezone: "UTC",
    datestyle: "ISO, YMD",
    lc_messages: "C",
  }
}

/** Text of `postgresql.conf`, which says where the settings are. */
export const CONFIGURATION = "# Every setting stands on the command line: this file is written anew at each start.\n"

/** Settings as arguments of `postgres`. */
export function settingsArguments(settings: Settings): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
}
