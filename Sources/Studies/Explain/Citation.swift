internal import Reporting
public import Statistics

/// How to cite a report's methods, and Sibling itself.
public struct Citation {
  /// The forms of a citation.
  public enum Form: String, Sendable, CaseIterable {
    /// Markdown, as in the report.
    case md
    /// Plain text.
    case text
    /// BibTeX entries.
    case bibtex
  }

  private let methods: ReportMethods?
  private let version: String
  private let study: String

  /// The citation of Sibling alone.
  public init() {
    methods = nil
    version = SiblingVersion.text
    study = ""
  }

  /// The citation of a report; a study file stands for the report that was written of it.
  ///
  /// - Throws: `unreadableFile` when there is no report yet; what is wrong with the study file.
  public init(of path: String) throws(SiblingError) {
    var folder = path
    if path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
      let file = try StudyFile(path: path)
      folder = "Reports/\(file.reportFolder)"
      do throws(SiblingError) {
        _ = try WrittenReport(folder)
      } catch {
        throw SiblingError(
          .unreadableFile, "no report of '\(path)' was found in '\(folder)'",
          help: "write it with 'sibling run \(path)', or name the folder of a report",
          location: .init(file: folder))
      }
    }
    let report = try WrittenReport(folder)
    methods = ReportMethods(try report.text("report.md"))
    version = report.manifest["version"]?.text ?? SiblingVersion.text
    study = report.manifest["study"]?.text ?? ""
  }

  /// The citation in a form.
  public func text(_ form: Form) -> String {
    let own =
      "Sibling: a toolkit for quasi-experimental evaluation (version \(version)) [computer software]."
    if form == .bibtex { return bibtex }
    guard let methods else { return own + "\n" }
    let items = form == .md ? methods.items : methods.items.map(ReportMethods.plain)
    let first = "The analysis '\(study)' was made with Sibling, version \(version)."
    var parts = [first + " " + items.joined(separator: " ")]
    let sources = methods.sources.map { source in
      let name = [source.authors, source.year.isEmpty ? "" : "(\(source.year))."].filter {
        !$0.isEmpty
      }.joined(separator: " ")
      return form == .md
        ? "- \(name) [doi:\(source.doi)](https://doi.org/\(source.doi))"
        : "\(name) https://doi.org/\(source.doi)"
    }
    parts.append(form == .md ? "**References**" : "References")
    parts.append((sources + [form == .md ? "- \(own)" : own]).joined(separator: "\n"))
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var bibtex: String {
    var taken: Set<String> = []
    var entries = (methods?.sources ?? []).map { source -> String in
      let first =
        source.authors.split(whereSeparator: { $0 == "," || $0 == " " }).last(where: {
          $0.first?.isUppercase ?? false
        }) == nil ? "source" : Self.firstName(source.authors)
      var key = first.lowercased().filter { $0.isLetter && $0.isASCII } + source.year
      if key.isEmpty { key = "source" }
      var copy = 97 as UInt8
      let stem = key
      while !taken.insert(key).inserted {
        copy += 1
        key = stem + String(UnicodeScalar(copy))
      }
      let names = source.authors.replacing(" and ", with: ", ").split(separator: ",").map {
        $0.drop { $0 == " " }
      }
      return """
        @article{\(key),
          author = {\(names.joined(separator: " and "))},
          year = {\(source.year)},
          doi = {\(source.doi)}
        }
        """
    }
    entries.append(
      """
      @software{sibling,
        title = {Sibling: a toolkit for quasi-experimental evaluation},
        version = {\(version)}
      }
      """)
    return entries.joined(separator: "\n\n") + "\n"
  }

  /// The family name of the first author.
  private static func firstName(_ authors: String) -> String {
    let first = authors.replacing(" and ", with: ",").split(separator: ",").first ?? ""
    return String(first.split(separator: " ").last ?? "")
  }
}
