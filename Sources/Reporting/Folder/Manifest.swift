/// What a run was made from: enough to make it again and to see whether anything changed.
///
/// It holds no time, no host and no path of its own, so that the same run gives the same bytes.
public struct Manifest: Sendable, Equatable {
  /// The study's name.
  public var study: String
  /// The command as it would be typed in the folder of the study file.
  public var command: String
  /// The name of the study file, without a folder: where it stands is no part of a run.
  public var studyFile: String?
  /// The hash of the study file's bytes.
  public var studyHash: String?
  /// The version of Sibling.
  public var version: String
  /// The seed of the run's random streams; nil when nothing was random.
  public var seed: Int?
  /// The files that were read.
  public var inputs: [Input] = []
  /// The hash of the analysis plan.
  public var planHash: String?
  /// The gate's verdict.
  public var gate: String?
  /// Whether the gate failed, so that effects were withheld and the run ended with status 2.
  public var isWithheld = false
  /// The kernel of the linear algebra library, as last digits depend on it.
  public var kernel: String?
  /// Anything else in order, such as packages and settings, but never a number about people.
  public var details: [JSONValue.Member] = []
  /// Every setting of the study file, flattened; see `Studies` for what stands in for its value
  /// where the data are not public.
  public var settings: [JSONValue.Member] = []
  /// The label columns of each result table, which tell its rows apart; set by the report folder.
  var keys: [JSONValue.Member] = []

  /// A file that was read.
  public struct Input: Sendable, Equatable {
    /// The file's name, relative to the study file.
    public var path: String
    /// Its SHA-256.
    public var sha256: String
    /// Its size.
    public var bytes: Int

    /// A file that was read.
    public init(path: String, sha256: String, bytes: Int) {
      self.path = path
      self.sha256 = sha256
      self.bytes = bytes
    }
  }

  /// A manifest; set what else is known.
  public init(study: String, command: String, version: String) {
    self.study = study
    self.command = command
    self.version = version
  }

  func json(profile: DisclosureProfile, suppressed: Int) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("study", .string(study)),
      .init("study_file", studyFile.map { .string($0) } ?? .null),
      .init("study_sha256", studyHash.map { .string($0) } ?? .null),
      .init("command", .string(command)),
      .init("version", .string(version)), .init("seed", seed.map { .integer($0) } ?? .null),
      .init(
        "inputs",
        .array(
          inputs.map {
            [
              "path": .string($0.path), "sha256": .string($0.sha256), "bytes": .integer($0.bytes),
            ]
          })),
      .init("plan_sha256", planHash.map { .string($0) } ?? .null),
      .init("gate", gate.map { .string($0) } ?? .null),
      .init("withheld", .bool(isWithheld)),
      .init(
        "disclosure",
        ["profile": .string(profile.name), "decisions": .integer(suppressed)]),
      .init("blas_kernel", kernel.map { .string($0) } ?? .null),
    ]
    members += details
    if !keys.isEmpty { members.append(.init("row_keys", .object(keys))) }
    if !settings.isEmpty { members.append(.init("settings", .object(settings))) }
    return .object(members)
  }
}

extension ResultTable {
  /// The table's name with the names of its labels, for the manifest.
  var keyMember: JSONValue.Member {
    .init(
      name,
      .string(columns.filter { $0.role == .label }.map(\.name).joined(separator: ", ")))
  }
}
