internal import CPostgreSQL
internal import Statistics

/// PostgreSQL's client library.
enum PostgreSQLLibrary {
  /// How to get it, and where the server is named.
  static let advice =
    "apt-get install libpq5, and name the server in SIBLING_POSTGRESQL='postgresql://user@host/database'"

  /// Its name and version, or nil when it isn't there.
  static var version: String? {
    guard sibling_pq_open() == 1 else { return nil }
    let number = Int(sibling_pq_version())
    // 150020 is 15.20, and before version ten 90624 was 9.6.24.
    if number >= 100_000 { return "libpq \(number / 10_000).\(number % 10_000)" }
    return "libpq \(number / 10_000).\(number / 100 % 100).\(number % 100)"
  }

  /// Opens the library.
  ///
  /// - Throws: `engineMissing` when it isn't there.
  static func open() throws(SiblingError) {
    guard sibling_pq_open() == 1 else {
      throw SiblingError(
        .engineMissing, "PostgreSQL's client library (libpq.so.5) is not on this machine",
        help: advice)
    }
  }
}
