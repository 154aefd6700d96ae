internal import Glibc
internal import Reporting
public import Statistics
internal import Tables

/// A study to begin with: a commented study file, and small made-up data of the right shape, so that it
/// runs before one's own data are put in their place.
public struct StudyTemplate: Sendable {
  /// The name on the command line.
  public let name: String
  /// One line on what it is for.
  public let summary: String
  /// The study file.
  let study: String
  /// The data files, below `data/`.
  let data: @Sendable () throws(SiblingError) -> [(path: String, bytes: [UInt8])]

  /// The templates, the one that leads first.
  public static let all = [mhep, matching, differences, survival]

  /// The template of a name.
  ///
  /// - Throws: `invalidOption` for an unknown name, with the one that may have been meant.
  public static func named(_ name: String) throws(SiblingError) -> StudyTemplate {
    if let found = all.first(where: { $0.name == name }) { return found }
    let names = all.map(\.name)
    throw SiblingError(
      .invalidOption, "there is no template '\(name)'",
      help: "the templates are: " + names.joined(separator: ", "),
      suggestion: nearestName(to: name, among: names))
  }

  /// Writes the study file, its data and a page about them into a folder, whole or not at all.
  ///
  /// Returns the files that were written.
  /// - Throws: `writeFailure` when the folder holds anything already or the disk refuses.
  public func make(in folder: String) throws(SiblingError) -> [String] {
    var files = [("study.yaml", Array(study.utf8))]
    let data = try data()
    files += data.map { ("data/" + $0.path, $0.bytes) }
    files.append(("README.md", Array(guide(data.map(\.path)).utf8)))
    guard Self.isFree(folder) else {
      throw SiblingError(
        .writeFailure, "'\(folder)' exists and is not empty, so it was left alone",
        help: "name a folder that does not exist yet", location: .init(file: folder))
    }
    try FolderSwap.replace(folder, with: files, kind: "an empty folder")
    return files.map(\.0)
  }

  /// Whether nothing stands at a path, or an empty folder.
  private static func isFree(_ folder: String) -> Bool {
    guard let directory = opendir(folder) else { return access(folder, F_OK) != 0 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    // Every folder holds itself and the one above.
    return count <= 2
  }

  private func guide(_ paths: [String]) -> String {
    """
    # A new study

    Made by `sibling init --template \(name)`: \(summary)

    **The rows in `data/` are made up.** They show the columns and let the study run at once:

    ```console
    $ sibling validate study.yaml
    $ sibling plan study.yaml
    $ sibling run study.yaml --output report
    ```

    To make it yours: put your files in place of \(paths.map { "`data/\($0)`" }.joined(separator: ", ")); take the line
    `public: true` out of `study.yaml`, so that disclosure control guards your clients; then go through the study file from the top,
    where every key says what it is for. `sibling explain KEY` tells more of each.

    """
  }
}

/// Small tables of made-up people, drawn from named streams, as CSV.
struct MadeUpTable {
  private var lines: [String]

  init(_ columns: [String]) { lines = [columns.joined(separator: ",")] }

  mutating func append(_ cells: [String]) { lines.append(cells.joined(separator: ",")) }

  var bytes: [UInt8] { Array((lines.joined(separator: "\n") + "\n").utf8) }
}
