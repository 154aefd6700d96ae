internal import Reporting
internal import Statistics

extension ReportAudit {
  /// Hashes of the files against `datapackage.json`, and files against its list.
  mutating func files() throws(SiblingError) {
    let package = try StudyNode(
      parsing: try report.text("datapackage.json"), file: report.folder + "/datapackage.json")
    var listed: Set<String> = []
    for resource in package["resources"]?.elements ?? [] {
      guard let path = resource["path"]?.text else { continue }
      listed.insert(path)
      guard report.files.contains(path) else {
        note("hash", path, "a file", "none", .mismatch)
        continue
      }
      let bytes = try report.bytes(path)
      let hash = "sha256:" + SHA256.hexadecimal(bytes)
      let expected = resource["hash"]?.text ?? ""
      note("hash", path, expected, hash, hash == expected ? .ok : .mismatch)
    }
    for file in report.files
    where file.hasPrefix("results/") && file.hasSuffix(".csv") && !listed.contains(file) {
      note("hash", file, "to be listed in datapackage.json", "not listed", .mismatch)
    }
    for key in ["study", "command", "version", "plan_sha256", "gate"]
    where report.manifest[key] == nil {
      note("manifest", "manifest.json: \(key)", "a value", "none", .mismatch)
    }
    for input in report.manifest["inputs"]?.elements ?? [] {
      let hash = input["sha256"]?.text ?? ""
      let isHash = hash.utf8.count == 64 && hash.allSatisfy(\.isHexDigit)
      note(
        "manifest", "manifest.json: \(input["path"]?.text ?? "")", "64 hexadecimal digits", hash,
        isHash ? .ok : .mismatch)
    }
  }
}
