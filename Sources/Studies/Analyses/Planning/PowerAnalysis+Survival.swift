internal import Statistics
internal import Survival

extension PowerAnalysis {
  /// The rows of planned survival, and notes.
  func survivalRows() throws(SiblingError) -> (rows: [Row], notes: [String]) {
    var rows: [Row] = []
    var notes: [String] = []
    let share = try eventShare()
    let known = events ?? share.flatMap { share in people.map { $0 * share } }
    rows.append(("test.level", power.level))
    if let hazardRatio { rows.append(("hazard.ratio", hazardRatio)) }
    if let known {
      rows.append(("events", known))
      if let people { rows.append(("people", people)) }
      if let hazardRatio {
        let value = try power.power(events: known, hazardRatio: hazardRatio, eventShare: share)
        rows.append(("power", value))
      }
      let found = try power.detectable(events: known, eventShare: share)
      rows.append(("detectable.below", found.below > 0 ? found.below : nil))
      rows.append(("detectable.above", found.above.isFinite ? found.above : nil))
    }
    if let hazardRatio {
      let needed = try power.events(hazardRatio: hazardRatio, eventShare: share)
      rows.append(("events.needed", needed.isFinite ? needed.rounded(.up) : nil))
      if !needed.isFinite {
        notes.append(
          "no number of events is enough to find this hazard ratio with so few sites that differ so"
        )
      }
      if let share {
        rows.append(("people.needed", needed.isFinite ? (needed / share).rounded(.up) : nil))
      }
    }
    if let expected {
      rows.append(("event.share.comparison", try expected.share()))
      if let hazardRatio {
        rows.append(("event.share.treated", try expected.share(hazardRatio: hazardRatio)))
      } else {
        notes.append("without --hazard-ratio both arms are given the comparisons' events")
      }
    }
    try sites(known.flatMap { known in share.map { known / $0 } }, &rows, &notes)
    return (rows, notes)
  }

  /// The share of all people who have the event, where it can be told.
  private func eventShare() throws(SiblingError) -> Double? {
    guard let expected else {
      return events.flatMap { events in people.map { events / $0 } }
    }
    let comparison = try expected.share()
    let treated = try expected.share(hazardRatio: hazardRatio ?? 1)
    return power.allocation * treated + (1 - power.allocation) * comparison
  }

  private func sites(
    _ people: Double?, _ rows: inout [Row], _ notes: inout [String]
  ) throws(SiblingError) {
    guard let degrees = power.degreesOfFreedom, let smallest = try power.smallestPValue() else {
      return
    }
    if let people { rows.append(("design.effect", try power.designEffect(people: people))) }
    rows.append(("df", degrees))
    rows.append(("smallest.p", smallest.value))
    if smallest.value > power.level {
      notes.append(Self.unreachable(smallest))
    }
  }
}
