internal import Glibc
internal import Statistics

/// A program that runs beside us and is spoken to through its standard streams.
///
/// It stands in a process group of its own, so that an interrupt from the terminal reaches us alone and we decide.
/// It never outlives this object.
final class ChildProcess {
  let identifier: pid_t
  private let input: Int32
  private let output: Int32
  private let errors: Int32
  /// What it wrote to its standard error and nobody has taken.
  private var complaint: [UInt8] = []
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var isOver = false

  /// The most bytes of complaints that are kept.
  private static let longestComplaint = 1 << 16

  /// What happened while we waited.
  enum Event {
    /// It wrote something.
    case output([UInt8])
    /// It took so many of the bytes.
    case sent(Int)
    /// Time passed.
    case nothing
    /// It has closed its output.
    case ended
  }

  /// Starts a program, with some variables of its environment set anew.
  ///
  /// - Throws: `engineMissing` when it can't be started.
  init(
    _ path: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws(SiblingError) {
    // Sockets instead of pipes: writing to a program that has died is then an error and no signal, and none is
    // handed on to a program that another thread starts at the same moment.
    var pair: [Int32] = [-1, -1]
    var (out, err): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &pair) == 0, socketpair(AF_UNIX, kind, 0, &out) == 0,
      socketpair(AF_UNIX, kind, 0, &err) == 0
    else {
      for descriptor in pair + out + err where descriptor >= 0 { close(descriptor) }
      throw Self.unstartable(path, errno)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, pair[1], 0)
    posix_spawn_file_actions_adddup2(&actions, out[1], 1)
    posix_spawn_file_actions_adddup2(&actions, err[1], 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGINT, SIGPIPE, SIGTERM, SIGQUIT] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var texts: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
    texts.append(nil)
    var variables: [UnsafeMutablePointer<CChar>?] = Self.variables(environment).map { strdup($0) }
    variables.append(nil)
    var started = pid_t()
    let failure = posix_spawn(&started, path, &actions, &attributes, texts, variables)
    for text in texts + variables { free(text) }
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
    for descriptor in [pair[1], out[1], err[1]] { close(descriptor) }
    guard failure == 0 else {
      for descriptor in [pair[0], out[0], err[0]] { close(descriptor) }
      throw Self.unstartable(path, failure)
    }
    identifier = started
    (input, output, errors) = (pair[0], out[0], err[0])
    for descriptor in [input, output, errors] {
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }
  }

  deinit { end() }

  /// Waits until it has written something, has taken some of `bytes`, or the time is over.
  func wait(sending bytes: ArraySlice<UInt8>, milliseconds: Int32) -> Event {
    var polled = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
      pollfd(fd: bytes.isEmpty ? -1 : input, events: Int16(POLLOUT), revents: 0),
    ]
    let count = poll(&polled, 3, milliseconds)
    guard count > 0 else { return .nothing }
    if polled[1].revents != 0 { drainComplaint() }
    if polled[0].revents != 0 {
      let got = read(output)
      if got > 0 { return .output(Array(buffer[0..<got])) }
      if got == 0 { return .ended }
    }
    if polled[2].revents != 0 {
      let sent = bytes.withUnsafeBytes {
        send(input, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if sent > 0 { return .sent(sent) }
      if sent < 0, errno != EAGAIN, errno != EINTR { return .ended }
    }
    // A stream of errors that has ended is ready all the time.
    if polled[0].revents == 0, polled[2].revents == 0 { usleep(1000) }
    return .nothing
  }

  /// Takes what it wrote to its standard error.
  func takeComplaint() -> String {
    drainComplaint()
    defer { complaint = [] }
    return String(decoding: complaint, as: UTF8.self)
  }

  /// Asks it to stop what it is doing.
  func interrupt() { if !isOver { kill(-identifier, SIGINT) } }

  /// Ends it: closes its input, and kills it when it does not go by itself.
  func end() {
    guard !isOver else { return }
    isOver = true
    for descriptor in [input, output, errors] { close(descriptor) }
    for attempt in 0..<200 {
      var status: Int32 = 0
      let done = waitpid(identifier, &status, WNOHANG)
      if done == identifier || (done < 0 && errno != EINTR) { return }
      // It may be in the middle of a query that nobody waits for.
      if attempt == 20 { kill(-identifier, SIGKILL) }
      usleep(5000)
    }
  }

  /// Our environment with some variables changed.
  private static func variables(_ changed: [String: String]) -> [String] {
    var variables: [String] = []
    var next = environ
    while let variable = next.pointee {
      let text = String(cString: variable)
      if changed[String(text.prefix { $0 != "=" })] == nil { variables.append(text) }
      next += 1
    }
    return variables + changed.map { "\($0.key)=\($0.value)" }
  }

  private func read(_ descriptor: Int32) -> Int {
    while true {
      let got = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if got < 0, errno == EINTR { continue }
      return got
    }
  }

  private func drainComplaint() {
    while !isOver {
      let got = read(errors)
      guard got > 0 else { return }
      let room = max(0, Self.longestComplaint - complaint.count)
      complaint += buffer[0..<min(got, room)]
    }
  }

  private static func unstartable(_ path: String, _ number: Int32) -> SiblingError {
    SiblingError(
      .engineMissing, "\(path) can't be started: \(String(cString: strerror(number)))",
      help: DuckDBCommand.advice)
  }
}
