// How a report names the study file: as it would be typed in its own folder, so that the same study
// gives the same bytes wherever it stands and however its path was typed.

extension StudyFile {
  /// The name of the study file, without a folder.
  var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The command that makes the report, as it would be typed in the study file's folder.
  var command: String { "sibling run \(shellWord(fileName))" }
}

/// A word as a shell takes it: quoted where it holds anything but plain characters.
func shellWord(_ word: String) -> String {
  let isPlain = word.unicodeScalars.allSatisfy { scalar in
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", "+", ":", ",", "@", "%": true
    default: scalar.value > 0x7F
    }
  }
  guard !isPlain || word.isEmpty || word.hasPrefix("-") else { return word }
  return "'"
    + word.split(separator: "'", omittingEmptySubsequences: false)
    .joined(separator: "'\\''") + "'"
}
