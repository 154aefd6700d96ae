import Glibc
import Studies

/// Tells on standard error where long work is: a line a phase, on a terminal one line that is
/// written over.
///
/// Nothing is said when quiet. With `--verbose` each phase leaves a line with the seconds that it took.
final class ProgressLines {
  private let talk: TalkOptions
  private let start = Clock.now
  private var phase: (name: String, start: Double, isStep: Bool)?
  private let overwrites: Bool

  init(talk: TalkOptions) {
    self.talk = talk
    // A terminal without escape sequences gets plain lines too.
    let terminal = getenv("TERM").map { String(cString: $0) } ?? "dumb"
    overwrites =
      Console.isTerminal(2) && !talk.verbose && terminal != "dumb" && getenv("NO_COLOR") == nil
  }

  /// Says a line of its own.
  func say(_ line: String) {
    guard !talk.quiet else { return }
    clear()
    Console.say(line)
  }

  /// Begins the next step of the work.
  func step(_ name: String) { begin(name, isStep: true) }

  /// Begins the next phase within a step; in a log it leaves a line only when it took a while.
  func phase(_ name: String) { begin(name, isStep: false) }

  private func begin(_ name: String, isStep: Bool) {
    guard !talk.quiet else { return }
    finishPhase()
    phase = (name, Clock.now, isStep)
    if overwrites {
      Console.tell("\r\u{1B}[K\(Clock.since(start)) s  \(Self.cut(name))")
    } else if !talk.verbose, isStep {
      Console.say("\(Clock.since(start)) s  \(name)")
    }
  }

  /// Tells how many repetitions of the step are done; on a terminal only.
  func count(_ done: Int, of all: Int) {
    guard !talk.quiet, overwrites, let phase else { return }
    Console.tell("\r\u{1B}[K\(Clock.since(start)) s  \(Self.cut(phase.name)): \(done) of \(all)")
  }

  /// Ends the last phase, so that other lines can follow.
  func end() {
    guard !talk.quiet else { return }
    finishPhase()
    clear()
    phase = nil
  }

  private func finishPhase() {
    guard let phase, !overwrites else { return }
    let isLong = !phase.isStep && Clock.now - phase.start >= 0.1
    guard talk.verbose || isLong else { return }
    Console.say("\(Clock.since(start)) s  \(phase.name) took \(Clock.since(phase.start)) s")
  }

  private func clear() { if overwrites, phase != nil { Console.tell("\r\u{1B}[K") } }

  /// A line that no terminal breaks.
  private static func cut(_ text: String) -> String {
    text.count <= 60 ? text : text.prefix(59) + "…"
  }
}
