/// How what is unknown is read: against the client everywhere, or in favour of one or all things.
struct SpellReading {
  var start = false
  var end = false
  var hours = false
  var evidence = false
  var competitive = false
  var unseen = false
  /// Drops the band of hours, to see whether it alone decides.
  var anyHours = false
  /// Looks beyond the horizon and the last start, to see whether they alone decide.
  var anyTime = false

  static let worst = SpellReading()
  static let best = SpellReading(
    start: true, end: true, hours: true, evidence: true, competitive: true, unseen: true)
}

/// A spell under one reading: when it counts, and when it may stand in the way.
struct ReadSpell {
  var job: Int32
  /// First and last day under the reading.
  var from, to: Int32
  /// First and last day that count as work, without furlough where that does not count.
  var countFrom, countTo: Int32
  /// The days on which it counts against a limit of hours from above.
  var againstFrom, againstTo: Int32
  /// Hours as they count towards the least and towards the greatest hours.
  var hoursFor, hoursAgainst: Double
  /// Hours as they count towards paid hours.
  var paid: Double
}

/// A stretch of days over which nothing changes.
struct WorkSegment {
  var from, to: Int32
  /// Whether there is work of the hours asked for, and whether it counts.
  var isLinked, isCounted: Bool
  var paid: Double
}

/// Arrays that are used again for every client.
struct SpellScratch {
  var spells: [ReadSpell] = []
  var group: [ReadSpell] = []
  var days: [Int32] = []
  var segments: [WorkSegment] = []
  var touchedBoundary = false
}
