internal import Glibc
internal import Statistics
internal import Tables

/// A program run to its end, with what it printed.
struct ChildProcess {
  /// The exit status; 128 and the signal's number when a signal ended it.
  let status: Int32
  /// What it wrote to standard output.
  let output: [UInt8]
  /// What it wrote to standard error.
  let errors: [UInt8]

  /// Runs a program.
  ///
  /// Output goes to files without names, so that no pipe can fill up.
  /// - Parameters:
  ///   - program: a path, or a name that is looked for in `PATH`.
  ///   - arguments: its arguments.
  ///   - folder: the folder that it starts in; the current one unless given.
  ///   - input: what it reads from standard input.
  ///   - environment: variables that are set or replaced for it.
  /// - Throws: `writeFailure` when the program can't be started or the disk refuses.
  init(
    _ program: String, _ arguments: [String], in folder: String? = nil, input: [UInt8] = [],
    environment: [String: String] = [:]
  ) throws(SiblingError) {
    let streams = [tmpfile(), tmpfile(), tmpfile()]
    defer { for stream in streams { if let stream { fclose(stream) } } }
    let descriptors = streams.map { $0.map { fileno($0) } ?? -1 }
    guard !descriptors.contains(-1) else { throw Self.failure(program, errno) }
    if !input.isEmpty, let stream = streams[0] {
      guard fwrite(input, 1, input.count, stream) == input.count, fflush(stream) == 0 else {
        throw Self.failure(program, errno)
      }
      rewind(stream)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, descriptor) in descriptors.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
    }
    // The C library's own way of starting elsewhere is not among what Swift sees of it.
    let command =
      folder.map { ["/bin/sh", "-c", "cd -- \"$0\" && exec \"$@\"", $0, program] } ?? [program]
    let words = (command + arguments).map { strdup($0) } + [nil]
    let settings = Self.variables(environment).map { strdup($0) } + [nil]
    defer { for text in words + settings { free(text) } }
    var process = pid_t()
    let error = posix_spawnp(&process, command[0], &actions, nil, words, settings)
    guard error == 0 else { throw Self.failure(program, error) }
    var state: Int32 = 0
    while waitpid(process, &state, 0) < 0 {
      guard errno == EINTR else { throw Self.failure(program, errno) }
    }
    let signal = state & 0x7F
    status = signal == 0 ? (state >> 8) & 0xFF : 128 + signal
    output = Self.contents(streams[1])
    errors = Self.contents(streams[2])
  }

  private static func variables(_ changes: [String: String]) -> [String] {
    var variables: [String] = []
    var next = environ
    while let entry = next.pointee {
      let text = String(cString: entry)
      let name = String(text.prefix { $0 != "=" })
      if changes[name] == nil { variables.append(text) }
      next += 1
    }
    return variables + changes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  private static func contents(_ stream: UnsafeMutablePointer<FILE>?) -> [UInt8] {
    guard let stream else { return [] }
    rewind(stream)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&buffer, 1, buffer.count, stream)
      if count == 0 { return bytes }
      bytes += buffer[0..<count]
    }
  }

  private static func failure(_ program: String, _ error: Int32) -> SiblingError {
    SiblingError(
      .writeFailure, "'\(program)' can't be started: \(String(cString: strerror(error)))")
  }
}
