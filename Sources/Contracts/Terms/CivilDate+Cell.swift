internal import Statistics

extension CivilDate {
  /// The text of a day that a table may hold; nil outside the years 1 to 9999.
  ///
  /// Days handed in as numbers may be anything, and a message about them must not fail.
  static func text(_ day: Int32?) -> String? {
    guard let day, (-719_162...2_932_896).contains(day) else { return nil }
    return CivilDate(days: day).isoText
  }
}
