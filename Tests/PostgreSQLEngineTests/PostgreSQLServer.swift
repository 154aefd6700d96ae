import EngineConformance
import Engines
import Glibc
import PostgreSQLEngine
import Statistics
import Testing

/// A server of our own: data in a temporary folder, loopback only, gone when the tests are.
///
/// It is started once for all tests. A watcher in the background stops it and removes its folder as soon as the
/// process of the tests is no more, however that ended.
struct PostgreSQLServer: Sendable {
  /// The folder with everything; the server's socket is there too.
  let folder: String
  let port: String
  /// The server's own programs.
  let programs: String

  static let password = "open sesame"

  /// The server, or why there is none.
  static let shared: Result<PostgreSQLServer, SiblingError> = {
    let answer = shell(startScript)
    let lines = answer.text.split(separator: "\n").map(String.init)
    guard answer.status == 0, let last = lines.last else {
      return .failure(
        SiblingError(
          .engineMissing, "no PostgreSQL server could be started: \(answer.text)",
          help: "apt-get install postgresql"))
    }
    let parts = last.split(separator: " ").map(String.init)
    let server = PostgreSQLServer(folder: parts[0], port: parts[1], programs: parts[2])
    do {
      try server.load()
    } catch {
      return .failure(
        error as? SiblingError ?? SiblingError(.internalError, "the data were not loaded"))
    }
    return .success(server)
  }()

  private static let startScript = """
    programs=$(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null | sort -V | tail -1)
    if [ -z "$programs" ]; then
      initdb=$(command -v initdb) || { echo "initdb is not installed"; exit 1; }
      programs=$(dirname "$initdb")
    fi
    folder=$(mktemp -d /tmp/sibling-postgresql-XXXXXX)
    run=""
    if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; run="runuser -u postgres --"; fi
    cd "$folder"
    printf '%s' '\(password)' > secret; chmod 644 secret
    $run "$programs/initdb" -D data -U admin --auth-local=trust --auth-host=scram-sha-256 \\
      --pwfile=secret --no-sync -E UTF8 --locale=C.UTF-8 > initdb.log 2>&1 || { cat initdb.log; exit 1; }
    for try in 1 2 3 4 5; do
      port=$(shuf -i 20000-60000 -n 1)
      printf "listen_addresses='127.0.0.1'\\nport=%s\\nunix_socket_directories='%s'\\nfsync=off\\nshared_buffers=32MB\\n" \\
        "$port" "$folder" > own.conf; chmod 644 own.conf
      [ $try = 1 ] && echo "include '$folder/own.conf'" >> data/postgresql.conf
      $run "$programs/pg_ctl" -D data -w -l server.log start > start.log 2>&1 && break
      [ $try = 5 ] && { cat start.log server.log; exit 1; }
    done
    # A disk of three megabytes, where we may mount one.
    $run mkdir "$folder/disk"
    mount -t tmpfs -o size=3m tmpfs "$folder/disk" 2>/dev/null && chown postgres "$folder/disk" \\
      && chmod 700 "$folder/disk"
    parent=$PPID
    (while kill -0 $parent 2>/dev/null; do sleep 0.3; done
     $run "$programs/pg_ctl" -D "$folder/data" -m immediate stop
     umount "$folder/disk"; rm -rf --one-file-system "$folder") \\
      < /dev/null > /dev/null 2>&1 &
    echo "$folder $port $programs"
    """

  /// Whether there is a disk small enough to be filled.
  static var hasSmallDisk: Bool {
    guard case .success(let server) = shared else { return false }
    return shell("mountpoint -q \(server.folder)/disk").status == 0
  }

  private func load() throws {
    try write("conformance.csv", try ConformanceData.csv())
    try sql(
      """
      CREATE ROLE reader LOGIN PASSWORD '\(Self.password)';
      CREATE TABLE conformance (id int, x float8, y float8, small smallint, flag boolean, day date,
        site text, arm varchar(9));
      \\copy conformance FROM '\(folder)/conformance.csv' WITH (FORMAT csv, HEADER)
      GRANT SELECT ON conformance TO reader;
      CREATE TABLE pace (seconds float8);
      INSERT INTO pace VALUES (20);
      CREATE VIEW slow AS SELECT id, x, y, arm, site, day, small, flag FROM conformance,
        (SELECT pg_sleep(seconds) IS NULL AS waited FROM pace OFFSET 0) p;
      GRANT SELECT ON slow, pace TO reader;
      """)
  }

  /// Runs statements as the administrator.
  @discardableResult
  func sql(_ text: String) throws -> String {
    let name = "statements-\(UInt32.random(in: 0...UInt32.max)).sql"
    try write(name, text)
    let answer = shell(
      "psql -X -q -At -v ON_ERROR_STOP=1 -h \(folder) -p \(port) -U admin -d postgres -f \(folder)/\(name) 2>&1"
    )
    guard answer.status == 0 else { throw SiblingError(.internalError, answer.text) }
    return String(answer.text.dropLast())
  }

  /// Runs statements in the background as soon as a query of the engine with this word in it is at work.
  func whenAtWork(on word: String, _ text: String) throws {
    let name = "later-\(UInt32.random(in: 0...UInt32.max)).sql"
    try write(name, text)
    let psql = "psql -X -q -At -h \(folder) -p \(port) -U admin -d postgres"
    let question =
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sibling' AND state = 'active'"
      + " AND query LIKE '%\(word)%'"
    _ = shell(
      """
      (for try in $(seq 200); do
        [ "$(\(psql) -c "\(question)")" != 0 ] && break; sleep 0.05
      done
      \(psql) -f \(folder)/\(name)) < /dev/null > /dev/null 2>&1 &
      """)
  }

  /// Stops the server and starts it again.
  func restart() {
    let run = getuid() == 0 ? "runuser -u postgres --" : ""
    _ = shell(
      "cd \(folder); \(run) \(programs)/pg_ctl -D data -w -m immediate -l server.log restart")
  }

  private func write(_ name: String, _ text: String) throws {
    guard let file = fopen("\(folder)/\(name)", "w") else {
      throw SiblingError(.writeFailure, "can't write to \(folder)")
    }
    fputs(text, file)
    fclose(file)
    chmod("\(folder)/\(name)", 0o644)
  }

  /// The connection string of the user with little rights.
  func settings(
    user: String = "reader", password: String = Self.password, more: String = ""
  ) -> EngineSettings {
    var settings = EngineSettings()
    settings.connection =
      "host=127.0.0.1 port=\(port) dbname=postgres user=\(user) password='\(password)' \(more)"
    return settings
  }
}

/// Runs a shell script; its output and status.
func shell(_ script: String) -> (text: String, status: Int32) {
  guard let pipe = popen("exec bash -c \(quotedForShell(script))", "r") else { return ("", -1) }
  var text: [UInt8] = []
  while case let byte = fgetc(pipe), byte != EOF { text.append(UInt8(byte)) }
  let status = pclose(pipe)
  return (String(decoding: text, as: UTF8.self), status)
}

private func quotedForShell(_ text: String) -> String {
  "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
    + "'"
}
