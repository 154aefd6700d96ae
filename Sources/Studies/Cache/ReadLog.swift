internal import Synchronization

/// What a run reads of its study file: top-level keys and the files that it names.
///
/// A phase that is kept is kept with what it read, so that nobody has to write down what a phase
/// depends on, and forget something. Parts of a phase may read at once, on several threads.
final class ReadLog: Sendable {
  private struct State {
    var sections: Set<String> = []
    var files: Set<String> = []
    var isOn = false
    var early: Set<String> = []
    var isEarly = true
  }

  private let state = Mutex(State())

  /// The files that were looked for before anything was kept: the data that every phase rests on.
  var early: Set<String> { state.withLock { $0.early } }

  /// Notes that a top-level key was read.
  func note(section: String) {
    state.withLock { state in
      if state.isOn { state.sections.insert(section) }
    }
  }

  /// Notes that a file was looked for.
  func note(file: String) {
    state.withLock { state in
      if state.isEarly { state.early.insert(file) }
      if state.isOn { state.files.insert(file) }
    }
  }

  /// Begins anew.
  func start() {
    state.withLock { state in
      (state.sections, state.files, state.isOn, state.isEarly) = ([], [], true, false)
    }
  }

  /// What was read since the start, in order.
  func stop() -> (sections: [String], files: [String]) {
    state.withLock { state in
      state.isOn = false
      return (state.sections.sorted(), state.files.sorted())
    }
  }

  /// What stands for reading all keys at once.
  static let everything = "*"
}
