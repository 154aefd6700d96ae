internal import DifferenceInDifferences
internal import Matching
internal import Reporting
internal import Statistics
internal import Tables

/// A hash of who is compared with whom, made without outcomes.
enum DesignHash {
  /// The SHA-256 of a design, or nil without one.
  ///
  /// Of each row it takes who is treated, in which set and with what weight, to six digits, so that last
  /// digits of another processor don't count; of a panel who starts when.
  static func hash(_ sample: MatchedSample?, _ panel: PanelDesign?) -> String? {
    guard sample != nil || panel != nil else { return nil }
    var bytes = Array("sibling-design 1\n".utf8)
    func add(_ fields: [String]) { bytes += Array((fields.joined(separator: ",") + "\n").utf8) }
    if let sample {
      let sets = sample.match?.subclassFactor?.codes
      for place in sample.rows.indices {
        add([
          "\(sample.rows[place])", sample.treated[place] ? "1" : "0",
          NumberText.significant(sample.weights[place], digits: 6),
          sets.map { "\($0[place])" } ?? "",
        ])
      }
    }
    if let panel {
      add(panel.periods.map { NumberText.shortest($0) })
      for (row, period) in panel.period.enumerated() {
        let unit = Int(panel.unit.codes[row])
        add(["\(unit)", "\(period)", panel.groups[unit].map { NumberText.shortest($0) } ?? "never"])
      }
    }
    return SHA256.hexadecimal(bytes)
  }
}
