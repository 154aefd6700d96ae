internal import Glibc
internal import Reporting
public import Statistics

/// A study file, read and checked.
///
/// What phases may ask for is computed of the node when it is asked for, so that the cache sees it read.
public struct StudyFile {
  /// The file as the user named it.
  public let path: String
  /// The folder that data files are relative to.
  public let folder: String
  /// The short name.
  public let name: String
  /// The title of the report.
  public var title: String { node["title"]?.text ?? "" }
  /// The question in one sentence.
  public var question: String { node["question"]?.text ?? "" }
  /// Whether the data are public.
  public let isPublic: Bool
  /// The name of the disclosure profile.
  public let disclosure: String
  /// The rules of disclosure control.
  let disclosureProfile: DisclosureProfile
  /// Citations.
  public var sources: [String] { node.texts("sources") }
  /// Limitations that the authors add.
  public var limitations: [String] { node.texts("limitations") }
  /// The seed of every random stream.
  public let seed: UInt64
  /// The confidence level.
  public let level: Double
  /// The bytes of the file, for hashing.
  public let bytes: [UInt8]
  let node: StudyNode
  /// What is read of it, for the cache.
  let reads = ReadLog()
  /// Where results are kept between runs; nil unless the analyst asked for it.
  var cache: PhaseCache?
  /// Is told of each phase of a run as it begins.
  var tell: (String) -> Void = { _ in }

  /// Reads and checks a study file.
  ///
  /// - Throws: the first problem; `problems(path:)` lists them all.
  public init(path: String) throws(SiblingError) {
    let (bytes, node) = try Self.open(path)
    try self.init(path: path, bytes: bytes, node: node)
  }

  /// Checks the text of a study file that is not on disk; `path` is what messages call it.
  ///
  /// - Throws: the first problem.
  init(text: String, path: String) throws(SiblingError) {
    try self.init(
      path: path, bytes: Array(text.utf8), node: try StudyNode(parsing: text, file: path))
  }

  private init(path: String, bytes: [UInt8], node: StudyNode) throws(SiblingError) {
    if let first = node.problems(against: .study).first { throw first }
    self.path = path
    folder = Self.folder(of: path)
    self.node = node.noting(reads)
    self.bytes = bytes
    name = node["study"]?.text ?? ""
    isPublic = node["public"]?.text == "true"
    disclosureProfile = try Self.profile(node["disclosure"], isPublic: isPublic)
    disclosure = disclosureProfile.name
    seed = node["seed"]?.text.flatMap { UInt64($0) } ?? 1
    level = node["level"]?.text.flatMap { Double($0) } ?? 0.95
    if disclosure == "none", !isPublic {
      throw SiblingError(
        .badValue, "the profile 'none' is for public or simulated data only",
        help:
          "say 'public: true' if the data are public, or use acro-default, opensafely or nhs-digital",
        location: node["disclosure"]?.location)
    }
    // Studies of published totals or of contracts have no clients.
    guard ["data", "performance", "contracts"].contains(where: { node[$0] != nil }) else {
      throw SiblingError(
        .missingKey, "the study has nothing to analyse",
        help: "add a 'data' section, a 'performance' section for published totals, or a 'contracts'"
          + " section with its files",
        location: SiblingError.Location(file: path, line: 1))
    }
    guard (0.5..<1).contains(level) else {
      throw SiblingError(
        .badValue, "'level' takes a number from 0.5 to below 1", location: node["level"]?.location)
    }
  }

  /// Every problem of a study file, in file order; empty when it is sound.
  ///
  /// - Throws: when the file can't be read or is not YAML.
  public static func problems(path: String) throws(SiblingError) -> [SiblingError] {
    try open(path).node.problems(against: .study)
  }

  /// The name of the folder that the study file stands in, after which its report is called.
  public var reportFolder: String {
    let name = folder.split(separator: "/").last.map(String.init) ?? ""
    return name.isEmpty || name == "." || name == ".." ? self.name : name
  }

  /// The path of a file named in the study file.
  func resolve(_ file: String) -> String {
    reads.note(file: file)
    return file.hasPrefix("/") ? file : folder + "/" + file
  }

  private static func open(_ path: String) throws(SiblingError) -> (bytes: [UInt8], node: StudyNode)
  {
    guard let bytes = readBytes(path) else {
      throw SiblingError(
        .unreadableFile, "can't read the study file: \(String(cString: strerror(errno)))",
        location: SiblingError.Location(file: path))
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SiblingError(
        .badEncoding, "the study file is not UTF-8 text",
        location: SiblingError.Location(file: path))
    }
    return (bytes, try StudyNode(parsing: text, file: path))
  }

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// The bytes of a small file, or nil with `errno` set.
func readBytes(_ path: String) -> [UInt8]? {
  guard let file = fopen(path, "rb") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    if count == 0 { break }
    bytes += buffer[0..<count]
  }
  return ferror(file) == 0 ? bytes : nil
}
