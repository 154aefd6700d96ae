internal import Glibc
internal import Statistics
internal import Tables

/// What is true of somebody in one arm; time is counted from acceptance.
struct TrueOutcomes: Sendable {
  /// Engaged, and a job started, by day 364.
  var engaged = false
  var started = false
  /// In work for 13 and for 26 weeks on end, completed by day 364; jobs that follow each other
  /// without a day between are one stretch.
  var sustained13 = false
  var sustained26 = false
  /// A job started by day 364 lasted 13 weeks, and 26; the first one lasted 13.
  var lasting13 = false
  var lasting26 = false
  var first13 = false
  /// Days in work in the first 52 weeks.
  var daysWorked: Int16 = 0

  init() {}

  init(_ path: SimulatedPath) {
    typealias Model = SimulationModel
    engaged = path.engaged.map { $0 <= Model.horizon } ?? false
    var stretch: (start: Int32, end: Int32) = (0, -2)
    for (number, job) in path.jobs.enumerated() where job.start <= Model.horizon {
      started = true
      let lasts = job.days >= Model.thirteenWeeks
      lasting13 = lasting13 || lasts
      lasting26 = lasting26 || job.days >= Model.twentySixWeeks
      if number == 0 { first13 = lasts }
      let end = min(job.end, Model.horizon)
      stretch = job.start == stretch.end + 1 ? (stretch.start, end) : (job.start, end)
      let days = stretch.end - stretch.start + 1
      sustained13 = sustained13 || days >= Model.thirteenWeeks
      sustained26 = sustained26 || days >= Model.twentySixWeeks
      daysWorked += Int16(max(0, min(job.end + 1, Model.horizon) - job.start))
    }
  }
}

/// A referral: what is recorded, and what is true.
struct SimulatedClient: Sendable {
  var person: SimulatedPerson
  var site: Int32
  var referral: Int32
  var decision = ReferralDecision.pending
  var accepted = missingDay
  var engaged = missingDay
  var engagementBasis: Int8 = -1
  var exited = missingDay
  var exitReason: ExitReason?
  var lastContact: Int32
  /// Whether contact was lost while the person was on the caseload.
  var isLost = false
  /// Fields that were refused or are not known.
  var hidesEthnicity = false
  var hidesMonths = false
  var hidesOffending = false
  /// The truth with and without the bond; only for the accepted.
  var treated = TrueOutcomes()
  var untreated = TrueOutcomes()
  /// In the person's own arm: ends moved to just after the threshold, and jobs started.
  var movedEnds: Int8 = 0
  var trueJobs: Int8 = 0
  /// Whether the record shows a job that lasted 13 weeks, when there was one.
  var isEvidenced = false

  var isAccepted: Bool { accepted != missingDay }
}

/// A job: what is recorded, and its true days.
struct SimulatedJob: Sendable {
  var client: Int32
  var number: Int8
  var trueStart, trueEnd: Int32
  var start: Int32
  var precision = DatePrecision.day
  var endEarliest = missingDay
  var endLatest = missingDay
  var isOngoing = false
  var lastVerified = missingDay
  var hours = 0.0
  var wage = 0.0
  var contract: Int8 = 0
  var furlough: Int32 = 0
  var endReason: Int8 = -1
  var verification = JobVerification.none
  var verificationDate = missingDay
  /// Whether the record ends because contact was lost.
  var isLost = false

  static let contracts = ["perm", "fixed", "zero_hours", "agency", "self_employed"]
}

/// Draws referrals one by one, each from its own stream.
struct ClientMaker: Sendable {
  let sites: [SimulatedSite]
  let calendars: [CalendarHazard]
  let settings: WorldSettings
  let stream: RandomStream
  private let shares: [Double]

  init(
    sites: [SimulatedSite], calendars: [CalendarHazard], settings: WorldSettings,
    stream: RandomStream
  ) {
    self.sites = sites
    self.calendars = calendars
    self.settings = settings
    self.stream = stream
    let total = sites.reduce(0) { $0 + $1.weight }
    var sum = 0.0
    shares = sites.map { site in
      sum += site.weight / total
      return sum
    }
  }

  /// A referral and its recorded jobs, which are added to `jobs`.
  func client(_ number: Int, jobs: inout [SimulatedJob]) -> SimulatedClient {
    typealias Model = SimulationModel
    let own = stream.substream(UInt64(number))
    var draws = own.substream(0)
    let draw = draws.uniform()
    let place = min(shares.firstIndex { draw < $0 } ?? sites.count - 1, sites.count - 1)
    let site = sites[place]
    let open = Double(site.closes - site.opens + 1)
    let when = draws.uniform()
    let share = site.arm == .sib ? pow(when, settings.referralCurve) : when
    let referral = site.opens + Int32(open * share)
    let person = SimulatedPerson(
      &draws, isLearningDisability: site.isLearningDisability, deprivation: site.deprivation)
    let wait = 1 + Int32(min(14 * draws.exponential(), 90))
    var client = SimulatedClient(
      person: person, site: Int32(place), referral: referral, lastContact: referral + wait)
    client.hidesEthnicity = draws.uniform() < 0.04
    client.hidesMonths = draws.uniform() < 0.03
    client.hidesOffending = draws.uniform() < 0.06
    let (pends, declines, accepts) = (draws.uniform(), draws.uniform(), draws.uniform())
    let atLarge = SimulatedPerson.atLarge
    let index = (person.index - atLarge.mean) / atLarge.deviation
    let isSIB = site.arm == .sib
    let odds =
      isSIB ? settings.acceptance + settings.selection * index : Model.acceptance
    if pends < 0.005 { return client }
    if declines < Model.clientDeclines {
      client.decision = .declinedByClient
      return client
    }
    guard accepts < SimulatedPerson.logistic(odds) else {
      client.decision = .declinedByService
      return client
    }
    client.decision = .accepted
    client.accepted = referral + wait
    let (frailty, lasting) = (draws.normal(), draws.normal())
    let predictor = person.logHazard - atLarge.logHazard
    let model = PathModel(
      accepted: client.accepted,
      startPredictor: predictor + site.effect + Model.startFrailty * frailty,
      tenurePredictor: Model.indexInTenure * predictor + 0.3 * site.effect
        + Model.tenureFrailty * lasting,
      motivation: person.motivation, calendar: calendars[min(place, calendars.count - 1)],
      settings: settings, stream: own.substream(1))
    let path = model.path(isTreated: isSIB)
    let truth = TrueOutcomes(path)
    let other = settings.hasEffect ? TrueOutcomes(model.path(isTreated: !isSIB)) : truth
    (client.treated, client.untreated) = isSIB ? (truth, other) : (other, truth)
    client.trueJobs = Int8(path.jobs.count)
    client.movedEnds = Int8(path.jobs.count { $0.isMoved })
    observe(path, truth, number, own.substream(2), &client, &jobs)
    return client
  }

  /// Turns a path into what the service records of it.
  private func observe(
    _ path: SimulatedPath, _ truth: TrueOutcomes, _ number: Int, _ base: RandomStream,
    _ client: inout SimulatedClient, _ jobs: inout [SimulatedJob]
  ) {
    typealias Model = SimulationModel
    var draws = base.substream(0)
    let accepted = client.accepted
    let (basis, chance, place) = (draws.uniform(), draws.uniform(), draws.uniform())
    let follow = Model.followUp + Int32(180 * draws.uniform())
    let (vanishes, when) = (draws.uniform(), draws.uniform())
    var lost = chance < Model.generalLoss ? 20 + Int32(520 * place) : Int32.max
    let isSIB = sites[Int(client.site)].arm == .sib
    let rates = isSIB ? settings.lostSIB : settings.lostComparison
    if let first = path.jobs.first(where: {
      truth.lasting13 ? $0.days >= Model.thirteenWeeks : true
    }),
      vanishes < (truth.lasting13 ? rates.sustained : rates.other)
    {
      lost = min(lost, first.start + 14 + Int32(70 * when))
    }
    client.isLost = lost < path.exit && accepted + lost < Model.dataCut
    let leaves = accepted + path.exit
    let hasLeft = !client.isLost && leaves <= Model.dataCut
    if hasLeft { (client.exited, client.exitReason) = (leaves, path.exitReason) }
    let contact =
      client.isLost
      ? accepted + lost
      : !hasLeft
        ? Model.dataCut
        : path.exitReason == .died ? leaves : min(Model.dataCut, max(leaves, accepted + follow))
    client.lastContact = contact
    if let engaged = path.engaged, accepted + engaged <= contact {
      client.engaged = accepted + engaged
      client.engagementBasis = basis < 0.7 ? 0 : basis < 0.95 ? 1 : 2
    }
    var earliest = client.engaged
    for (place, job) in path.jobs.enumerated() where accepted + job.start <= contact {
      let next =
        place + 1 < path.jobs.count ? accepted + path.jobs[place + 1].start : Int32.max
      let record = JobRecorder(
        client: Int32(number), number: Int8(place), contact: contact, notBefore: earliest,
        notAfter: next - 1, isLost: client.isLost, isShocked: settings.hiringShock > 0
      ).record(job, accepted: accepted, base.substream(UInt64(place + 1)))
      earliest = (record.endLatest == missingDay ? record.trueEnd : record.endLatest) + 1
      if job.start <= Model.horizon, job.days >= Model.thirteenWeeks,
        record.trueStart + Model.thirteenWeeks - 1 <= contact
      {
        client.isEvidenced = true
      }
      jobs.append(record)
    }
  }
}
