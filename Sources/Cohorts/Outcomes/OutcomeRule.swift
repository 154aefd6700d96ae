/// A definition made ready to be tried on many clients.
struct OutcomeRule: Sendable {
  let definition: OutcomeDefinition
  let horizon: Int32
  let startBy: Int32
  let gap: Int32
  let window: Int32?
  let evidence: [Bool]?
  let hours: OutcomeDefinition.HoursBand?
  let competitiveOnly: Bool
  let jobsAlone: Bool
  /// A number of days that no run may fall short of; spares most runs the calendar.
  let leastDays: Int32

  init(_ definition: OutcomeDefinition, recordsCompetitive: Bool) {
    self.definition = definition
    horizon = Int32(clamping: definition.horizon)
    startBy = Int32(clamping: definition.startByDays ?? definition.horizon)
    window = definition.windowWeeks.map { Int32(clamping: $0 * 7) }
    gap = Int32(
      clamping: definition.permittedGapDays ?? (definition.windowWeeks == nil ? 0 : 1_000_000))
    evidence = definition.verification.map { accepted in
      JobVerification.allCases.map { accepted.contains($0) }
    }
    hours = definition.hours
    competitiveOnly = definition.competitiveOnly && recordsCompetitive
    leastDays =
      if case .months(let count) = definition.duration {
        Int32(clamping: count * 28)
      } else {
        Int32(clamping: definition.duration.mostDays)
      }
    jobsAlone = definition.per == .job || definition.kind == .jobStart
  }

  /// The day on which the outcome comes about under a reading, or `missingDay`.
  ///
  /// `unseen` is the first day from which work that nobody recorded is possible.
  func attained(
    _ facts: ArraySlice<JobFacts>, timeZero: Int32, unseen: Int32, reading: SpellReading,
    _ scratch: inout SpellScratch
  ) -> Int32 {
    let last = reading.anyTime ? noDay : timeZero + horizon
    scratch.spells.removeAll(keepingCapacity: true)
    for fact in facts {
      if let spell = read(fact, timeZero, last, reading) { scratch.spells.append(spell) }
    }
    if reading.unseen, unseen <= last {
      let from = max(unseen, timeZero)
      scratch.spells.append(
        ReadSpell(
          job: .min, from: from, to: last, countFrom: from, countTo: last, againstFrom: noDay,
          againstTo: missingDay, hoursFor: .infinity, hoursAgainst: 0, paid: 80))
    }
    guard !scratch.spells.isEmpty else { return missingDay }
    let startLimit = reading.anyTime ? noDay : timeZero + startBy
    if !jobsAlone || scratch.spells.count == 1 {
      swap(&scratch.group, &scratch.spells)
      return decide(&scratch, startLimit, last, reading)
    }
    var found = missingDay
    for place in scratch.spells.indices {
      let job = scratch.spells[place].job
      guard !scratch.spells[..<place].contains(where: { $0.job == job }) else { continue }
      scratch.group.removeAll(keepingCapacity: true)
      for spell in scratch.spells[place...] where spell.job == job { scratch.group.append(spell) }
      let day = decide(&scratch, startLimit, last, reading)
      if day != missingDay { found = found == missingDay ? day : min(found, day) }
    }
    return found
  }

  /// The spell of a row under a reading; nil where it does not count at all.
  private func read(
    _ fact: JobFacts, _ timeZero: Int32, _ last: Int32, _ reading: SpellReading
  ) -> ReadSpell? {
    if competitiveOnly, fact.competitive != 1 {
      guard fact.competitive < 0, reading.competitive else { return nil }
    }
    var certainEnd = fact.certainEnd
    if let evidence {
      if fact.verification >= 0, evidence[Int(fact.verification)] {
        certainEnd = fact.verifiedEnd
      } else if !reading.evidence {
        return nil
      }
    }
    var (early, late) = (fact.earliestStart, fact.latestStart)
    if !fact.hasStart {
      // A job that began on an unknown day may be one that began after time zero.
      guard reading.start else { return nil }
      (early, late) = (timeZero, noDay)
    }
    if !definition.earlierJobsCount, fact.jobEarliest != missingDay, fact.jobEarliest < timeZero {
      guard reading.start, fact.jobLatest >= timeZero else { return nil }
    }
    let from = max(reading.start ? early : late, timeZero)
    let to = min(reading.end ? fact.possibleEnd : certainEnd, last)
    guard from <= to else { return nil }
    let idle = definition.furloughCounts ? 0 : fact.furlough
    let isMissing = fact.hours.isNaN
    return ReadSpell(
      job: fact.job, from: from, to: to, countFrom: reading.end ? from : from + idle,
      countTo: reading.end ? to - max(0, idle - (fact.possibleEnd - to)) : to,
      againstFrom: reading.start ? late : early,
      againstTo: reading.end ? certainEnd : fact.possibleEnd,
      hoursFor: isMissing ? (reading.hours ? .infinity : 0) : fact.hours,
      hoursAgainst: isMissing ? (reading.hours ? 0 : .infinity) : fact.hours,
      paid: isMissing ? (reading.hours ? 80 : 1) : fact.hours)
  }

  /// The day on which a group of spells attains the outcome.
  private func decide(
    _ scratch: inout SpellScratch, _ startLimit: Int32, _ last: Int32, _ reading: SpellReading
  ) -> Int32 {
    segment(&scratch, reading)
    if definition.kind == .jobStart { return started(scratch.segments, startLimit, last) }
    if let window { return inWindow(scratch.segments, window, startLimit, last) }
    var run = missingDay
    var lastWorked = missingDay
    var worked: Int32 = 0
    for part in scratch.segments where part.isLinked {
      if run == missingDay || part.from - lastWorked - 1 > gap {
        run = part.from
        worked = 0
      }
      lastWorked = part.to
      guard run <= startLimit else { return missingDay }
      guard part.isCounted else { continue }
      let length = part.to - part.from + 1
      if worked + length < leastDays {
        worked += length
        continue
      }
      let missing = definition.duration.days(from: run) - worked
      if length >= missing {
        let day = part.from + missing - 1
        return day <= last ? day : missingDay
      }
      worked += length
    }
    return missingDay
  }

  /// A job starts when it begins at the hours asked for and enough hours have been paid.
  private func started(
    _ segments: [WorkSegment], _ startLimit: Int32, _ last: Int32
  ) -> Int32 {
    guard let first = segments.first, first.isLinked, first.from <= startLimit else {
      return missingDay
    }
    guard definition.paidHours > 0 else { return first.from }
    // Hours a week over days: seven times the hours paid.
    var left = definition.paidHours * 7
    for part in segments where part.isCounted && part.paid > 0 {
      let length = Double(part.to - part.from + 1)
      if part.paid * length >= left - 1e-9 {
        let days = max(1, ((left - 1e-9) / part.paid).rounded(.up))
        let day = part.from + Int32(days) - 1
        return day <= last ? day : missingDay
      }
      left -= part.paid * length
    }
    return missingDay
  }

  /// The first day on which a window holds enough days of work.
  ///
  /// A window that begins with a stretch of work holds at least as many days as one that begins
  /// within it or in the break before, so these are all that need trying.
  private func inWindow(
    _ segments: [WorkSegment], _ window: Int32, _ startLimit: Int32, _ last: Int32
  ) -> Int32 {
    var found = missingDay
    for place in segments.indices where segments[place].isLinked {
      let start = segments[place].from
      guard start <= startLimit else { break }
      let end = min(start + window - 1, last)
      let needed = definition.duration.days(from: start)
      var worked: Int32 = 0
      var lastWorked = start - 1
      for part in segments[place...] where part.isLinked {
        guard part.from <= end, part.from - lastWorked - 1 <= gap else { break }
        lastWorked = part.to
        guard part.isCounted else { continue }
        let length = min(part.to, end) - part.from + 1
        if worked + length >= needed {
          let day = part.from + needed - worked - 1
          found = found == missingDay ? day : min(found, day)
          break
        }
        worked += length
      }
    }
    return found
  }

  /// Cuts the days of a group into stretches over which nothing changes.
  private func segment(_ scratch: inout SpellScratch, _ reading: SpellReading) {
    scratch.segments.removeAll(keepingCapacity: true)
    scratch.days.removeAll(keepingCapacity: true)
    let watchesHours = hours != nil && !reading.anyHours
    for spell in scratch.group {
      scratch.days.append(spell.from)
      scratch.days.append(spell.to + 1)
      if spell.countFrom > spell.from { scratch.days.append(min(spell.countFrom, spell.to + 1)) }
      if spell.countTo < spell.to { scratch.days.append(max(spell.countTo + 1, spell.from)) }
      if watchesHours, hours?.high != nil, scratch.group.count > 1 {
        if spell.againstFrom > missingDay { scratch.days.append(spell.againstFrom) }
        if spell.againstTo < noDay { scratch.days.append(spell.againstTo + 1) }
      }
    }
    scratch.days.sort()
    for place in 1..<scratch.days.count where scratch.days[place] > scratch.days[place - 1] {
      let (from, to) = (scratch.days[place - 1], scratch.days[place] - 1)
      var isIn = false
      var isCounted = false
      var isOpposed = false
      var (above, below, least, paid) = (0.0, 0.0, Double.infinity, 0.0)
      for spell in scratch.group {
        if spell.from <= from, from <= spell.to {
          isIn = true
          above += spell.hoursFor
          least = min(least, spell.hoursAgainst)
          paid += spell.paid
          if spell.countFrom <= from, from <= spell.countTo { isCounted = true }
        }
        if spell.againstFrom <= from, from <= spell.againstTo {
          isOpposed = true
          below += spell.hoursAgainst
        }
      }
      guard isIn else { continue }
      var isLinked = true
      if watchesHours, let hours {
        if !isOpposed { below = least }
        isLinked = hours.isAboveLow(above) && hours.isBelowHigh(below)
        if hours.low == above || hours.high == below { scratch.touchedBoundary = true }
      }
      scratch.segments.append(
        WorkSegment(
          from: from, to: to, isLinked: isLinked, isCounted: isLinked && isCounted, paid: paid))
    }
  }
}
