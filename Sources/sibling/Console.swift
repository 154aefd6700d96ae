import Glibc
import Statistics
import Studies

/// Standard error, standard output and the end of the process.
enum Console {
  /// Whether a file descriptor is a terminal.
  static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// A renderer for standard error, coloured on a terminal unless `NO_COLOR` is set.
  static func renderer(isPublic: Bool = false) -> DiagnosticRenderer {
    DiagnosticRenderer(
      isPublic: isPublic, isColoured: isTerminal(2) && getenv("NO_COLOR") == nil)
  }

  /// Writes a line to standard error.
  static func say(_ line: String) { write(line + "\n", to: 2) }

  /// Writes text without a line's end to standard error.
  static func tell(_ text: String) { write(text, to: 2) }

  /// Writes text to standard output; a closed pipe ends the process quietly.
  static func put(_ text: String) { write(text, to: 1) }

  /// Writes text to the file that was named, or else to standard output.
  ///
  /// - Throws: `writeFailure`, when the file can't be written.
  static func put(_ text: String, to file: String?) throws(SiblingError) {
    if let file { try AnalysisOutput.write(text, to: file) } else { put(text) }
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var sent = 0
      while sent < bytes.count {
        guard let base = bytes.baseAddress else { return }
        let count = Glibc.write(descriptor, base + sent, bytes.count - sent)
        if count < 0 {
          if errno == EINTR { continue }
          _exit(errno == EPIPE ? 0 : 1)
        }
        sent += count
      }
    }
  }

  /// Starts the process again with a processor kernel that suits the machine, where OpenBLAS chose
  /// one that does not: it reads its setting only when it is loaded.
  static func useBetterKernel() {
    guard let kernel = KernelChoice.better else { return }
    setenv("OPENBLAS_CORETYPE", kernel, 1)
    var arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) }
    arguments.append(nil)
    // When this fails the slower kernel stays, which is right too.
    execv("/proc/self/exe", arguments)
  }

  /// Prints an error and ends the process with its exit status.
  static func fail(_ error: SiblingError, isPublic: Bool = false) -> Never {
    say(renderer(isPublic: isPublic).render(error))
    exit(error.code.exitStatus)
  }
}

/// Ends the process with status 130 when it is interrupted; nothing half-written stays.
enum Interruption {
  static func install() {
    signal(SIGPIPE, SIG_IGN)
    // A file or folder that is just being written is finished first.
    signal(SIGINT) { _ in
      if !Checkup.stopsEngine(), !Checkup.postponesExit(130) { _exit(130) }
    }
    signal(SIGTERM) { _ in
      if !Checkup.stopsEngine(), !Checkup.postponesExit(143) { _exit(143) }
    }
    // A program that starts this one may have left both blocked, and a run could then not be ended.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
