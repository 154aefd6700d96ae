internal import Statistics

/// Work of one client within the follow-up, in whole days.
struct WorkedDays {
  /// Days in work under the worst and the best reading.
  var low, high: Int32
  /// Whether only dates recorded to a week, month or interval leave it open.
  var isBounded: Bool
}

/// A client's first job after time zero.
struct FirstJob {
  /// The first day, the middle one where it is known to a week or month.
  var start: Int32
  /// Days in the job to its end or to the last day on which it was seen.
  var days: Double
  /// The fewest and most days; the most is nil where no end is known.
  var low: Int32
  var high: Int32?
  /// How it ended.
  var cause: Cause

  /// How a job ended: still held, or left for another job, when last seen; lost; or the person left.
  enum Cause: Int { case censored, lost, exit }
}

extension OutcomeScorer {
  /// Days in any work, jobs that began earlier among them, in the first `days` days from time zero.
  func worked(_ row: Int, timeZero: Int32, days: Int32, _ stretches: inout [Stretch]) -> WorkedDays
  {
    let last = timeZero + days - 1
    let facts = index.facts[index.rows(of: row)]
    let unseen = unseenFrom(row, timeZero).day
    if facts.isEmpty, unseen > last { return WorkedDays(low: 0, high: 0, isBounded: true) }
    stretches.removeAll(keepingCapacity: true)
    for fact in facts where fact.hasStart {
      stretches.append(Stretch(from: fact.latestStart, to: fact.certainEnd))
    }
    let low = Self.days(of: &stretches, from: timeZero, to: last)
    stretches.removeAll(keepingCapacity: true)
    for fact in facts where fact.hasStart {
      let end = fact.isEndRecorded ? fact.possibleEnd : fact.certainEnd
      stretches.append(Stretch(from: fact.earliestStart, to: end))
    }
    let bounded = Self.days(of: &stretches, from: timeZero, to: last)
    stretches.removeAll(keepingCapacity: true)
    for fact in facts {
      let from = fact.hasStart ? fact.earliestStart : timeZero
      stretches.append(Stretch(from: from, to: fact.possibleEnd))
    }
    stretches.append(Stretch(from: unseen, to: noDay))
    let high = Self.days(of: &stretches, from: timeZero, to: last)
    return WorkedDays(low: low, high: high, isBounded: high == bounded)
  }

  /// A first and last day.
  struct Stretch {
    var from, to: Int32
  }

  /// The days that stretches cover together.
  private static func days(of stretches: inout [Stretch], from: Int32, to: Int32) -> Int32 {
    stretches.sort { $0.from < $1.from }
    var total: Int32 = 0
    var next = from
    for stretch in stretches {
      let first = max(stretch.from, next)
      let last = min(stretch.to, to)
      guard first <= last else { continue }
      total += last - first + 1
      next = last + 1
    }
    return total
  }

  /// The first job that began on or after time zero, whatever its hours; nil without one.
  func firstJob(_ row: Int, timeZero: Int32) -> FirstJob? {
    let facts = index.facts[index.rows(of: row)]
    let client = index.clients[row]
    var chosen: JobFacts?
    var start = noDay
    for fact in facts
    where fact.hasStart && fact.jobLatest >= timeZero && fact.earliestStart <= fact.possibleEnd {
      let early = max(fact.jobEarliest, timeZero)
      let middle = early + (fact.jobLatest - early) / 2
      // Of jobs that begin on one day the one of the lower row of the file is the first.
      if middle < start || (middle == start && fact.row < chosen?.row ?? .max) {
        (chosen, start) = (fact, middle)
      }
    }
    guard let chosen, client.cut == missingDay || start <= client.cut else { return nil }
    var last = chosen
    for fact in facts where fact.job == chosen.job && fact.hasStart {
      if fact.earliestStart > last.earliestStart { last = fact }
    }
    let early = max(chosen.jobEarliest, timeZero)
    func days(to end: Int32, from first: Int32) -> Int32 { max(1, end - first + 1) }
    let low = days(to: last.certainEnd, from: chosen.jobLatest)
    let high = last.possibleEnd < noDay ? days(to: last.possibleEnd, from: early) : nil
    func job(_ end: Double, _ high: Int32?, _ cause: FirstJob.Cause) -> FirstJob {
      FirstJob(
        start: start, days: max(1, end - Double(start) + 1), low: low, high: high, cause: cause)
    }
    let seen = Double(max(last.certainEnd, start))
    let endsAfterCut = client.cut != missingDay && last.endEarliest > client.cut
    if !last.isOpen, !endsAfterCut {
      let hasMoved = last.endReason == Self.movedJob
      guard last.isEndRecorded, last.possibleEnd < noDay else {
        return job(seen, hasMoved ? nil : high, hasMoved ? .censored : .lost)
      }
      let middle = (Double(last.certainEnd) + Double(last.possibleEnd)) / 2
      return job(middle, hasMoved ? nil : high, hasMoved ? .censored : .lost)
    }
    if last.isOpen, client.exit != missingDay, !client.leftInJob, client.exit >= start {
      return job(Double(max(client.exit, last.certainEnd)), high, .exit)
    }
    return job(seen, last.isOpen ? high : nil, .censored)
  }

  private static let movedJob = Int8(JobEndReason.allCases.firstIndex(of: .movedJob) ?? -1)
}
