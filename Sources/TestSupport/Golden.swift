public import Foundation

/// The golden values under Tests/Reference.
public enum Golden {
  /// The project's top folder.
  public static var projectFolder: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  /// A file of Tests/Reference.
  public static func url(_ name: String) -> URL {
    projectFolder.appendingPathComponent("Tests/Reference").appendingPathComponent(name)
  }

  /// A golden JSON file, parsed.
  public static func json(_ name: String) throws -> JSON {
    JSON(try JSONSerialization.jsonObject(with: Data(contentsOf: url(name))))
  }

  /// A golden CSV file without quoted fields, as one string array a column.
  public static func csv(_ name: String) throws -> [String: [String]] {
    let text = try String(contentsOf: url(name), encoding: .utf8)
    var lines = text.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
      }
    }
    guard !lines.isEmpty else { return [:] }
    let header = lines.removeFirst()
    var columns: [String: [String]] = [:]
    for (index, name) in header.enumerated() { columns[name] = lines.map { $0[index] } }
    return columns
  }

  /// A column of a golden CSV as numbers; `NA` and empty fields are NaN.
  public static func numbers(_ column: [String]?) -> [Double] {
    (column ?? []).map { Double($0) ?? .nan }
  }
}

/// A parsed JSON value that is walked by key and index.
public struct JSON {
  private let value: Any

  init(_ value: Any) { self.value = value }

  /// The member of an object.
  public subscript(key: String) -> JSON {
    JSON((value as? [String: Any])?[key] ?? NSNull())
  }

  /// The element of an array.
  public subscript(index: Int) -> JSON {
    guard let array = value as? [Any], array.indices.contains(index) else { return JSON(NSNull()) }
    return JSON(array[index])
  }

  /// The keys of an object, sorted.
  public var keys: [String] { (value as? [String: Any])?.keys.sorted() ?? [] }

  /// The elements of an array.
  public var array: [JSON] { (value as? [Any])?.map { JSON($0) } ?? [] }

  /// The number, unwrapping an array of one; NaN for anything else, so that a comparison fails.
  public var double: Double {
    if let number = value as? NSNumber { return number.doubleValue }
    if let text = value as? String { return Double(text) ?? .nan }
    if let array = value as? [Any], array.count == 1 { return JSON(array[0]).double }
    return .nan
  }

  /// The numbers of an array.
  public var doubles: [Double] { array.map(\.double) }

  /// The string, or nil.
  public var string: String? { value as? String }
}
