internal import Glibc
internal import Reporting
internal import Statistics

/// The study file that a written report was made from.
struct StudySearch {
  /// The path of the study file.
  let path: String

  /// Looks for the study file where it is said to be, else beside the report and in the usual places.
  ///
  /// Of several it is the one whose bytes are those that the report was made from.
  ///
  /// - Throws: `unreadableFile` when there is none, with where it was looked for.
  init(_ report: WrittenReport, given: String?) throws(SiblingError) {
    if let given {
      path = given
      return
    }
    let name = Self.fileName(report.manifest)
    let places = Self.places(report.folder, study: report.manifest["study"]?.text ?? "")
    let found = places.map { $0 + name }.filter { access($0, R_OK) == 0 }
    let wanted = report.manifest["study_sha256"]?.text
    let same = found.first { path in
      readBytes(path).map { SHA256.hexadecimal($0) == wanted } ?? false
    }
    // A study of another name is not the report's, whatever its file is called.
    let alike = found.first { path in
      (try? StudyFile(path: path))?.name == report.manifest["study"]?.text
    }
    guard let path = same ?? alike else {
      throw SiblingError(
        .unreadableFile,
        "the study file '\(name)' of the report was not found beside it, in this folder or in"
          + " 'Data'", help: "say where it is with --study FILE",
        location: .init(file: report.folder + "/manifest.json"))
    }
    self.path = path
  }

  /// The name of the study file that a manifest tells.
  private static func fileName(_ manifest: StudyNode) -> String {
    let told = manifest["study_file"]?.text ?? manifest["command"]?.text ?? "study.yaml"
    // A manifest is data: what it names stays in the folders that are looked at.
    let word = told.split(separator: " ").last.map(String.init) ?? told
    let source = manifest["study_file"] == nil ? word : told
    return source.split(separator: "/").last.map(String.init) ?? "study.yaml"
  }

  /// The folders to look at, each ending in a slash.
  private static func places(_ folder: String, study: String) -> [String] {
    let own = folder.split(separator: "/").last.map(String.init) ?? study
    let parent = folder + "/../"
    var places = [folder + "/", parent, parent + "../", "./"]
    for name in [own, study] where !name.isEmpty && name != "." && name != ".." {
      if name.contains("/") { continue }
      places += [
        parent + "../Data/\(name)/", parent + "../\(name)/", parent + "\(name)/", "Data/\(name)/",
        "\(name)/",
      ]
    }
    return places
  }
}
