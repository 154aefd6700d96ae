/// What a run reads of its study file: top-level keys and the files that it names.
///
/// A phase that is kept is kept with what it read, so that nobody has to write down what a phase
/// depends on, and forget something.
final class ReadLog {
  private var sections: Set<String> = []
  private var files: Set<String> = []
  private var isOn = false
  /// The files that were looked for before anything was kept: the data that every phase rests on.
  private(set) var early: Set<String> = []
  private var isEarly = true

  /// Notes that a top-level key was read.
  func note(section: String) { if isOn { sections.insert(section) } }

  /// Notes that a file was looked for.
  func note(file: String) {
    if isEarly { early.insert(file) }
    if isOn { files.insert(file) }
  }

  /// Begins anew.
  func start() {
    (sections, files, isOn, isEarly) = ([], [], true, false)
  }

  /// What was read since the start, in order.
  func stop() -> (sections: [String], files: [String]) {
    isOn = false
    return (sections.sorted(), files.sorted())
  }

  /// What stands for reading all keys at once.
  static let everything = "*"
}
