import TestSupport
import Testing

private let spells = "Data/unempdur/unempdur.csv"
private let causes = ["--derive", "cause = censor1 + 2 * censor2"]
private let weekly = [
  "Data/rossi/rossi_weekly.csv", "~ fin", "--weekly", "emp1:emp52", "--last-week", "week",
  "--exit", "arrest",
]
private let states = "Tests/Reference/survival/state_spells.csv"

/// The verbs of competing exits, states and several jobs, from the command line.
@Suite struct CompetingCommands {
  @Test func incidence() throws {
    let call = ["cif", spells, "Surv(spell, cause) ~ ui", "--times", "4,13,26"] + causes
    let plain = try CommandLineRun(arguments: call)
    #expect(plain.status == 0, Comment(rawValue: plain.errors))
    #expect(
      plain.output.hasPrefix("arm,cause,time,estimate,std.error,conf.low,conf.high,n_risk,n_event"))
    #expect(
      plain.rows.compactMap { $0["arm"] } == [String](repeating: "ui=no", count: 6)
        + [String](repeating: "ui=yes", count: 6))
    // R's cuminc and, for the jackknife, multi-state survfit.
    let estimates = [
      0.337947421802238, 0.500988800055469, 0.61316263388333, 0.112806652749373,
      0.183336148395552, 0.22198734094590, 0.109215229130545, 0.328475419414077, 0.52455451728426,
      0.035784984234956, 0.094730049087542, 0.14788098160356,
    ]
    #expect(close(plain.numbers("estimate"), estimates, .converged))
    let jackknife = [
      0.0132669913536331, 0.0182185355836642, 0.0249567395656774, 0.0089187726278800,
      0.0136599574880083, 0.0197884902131122, 0.0075025450914775, 0.0143347325393029,
      0.0254827874699910, 0.0044372774464702, 0.0086014713666270, 0.0163478039041832,
    ]
    #expect(close(plain.numbers("std.error"), jackknife, .converged))
    let peer = try CommandLineRun(arguments: call + ["--variance", "cuminc"])
    let variances = [
      1.7366593442663e-04, 3.2655193353449e-04, 0.00062874720999584, 7.8447090858061e-05,
      1.8355294398197e-04, 0.00039492973809378, 5.6277096489580e-05, 2.0513438235627e-04,
      0.00065423507033969, 1.9688761722997e-05, 7.3871676672404e-05, 0.00026859604942022,
    ]
    #expect(close(peer.numbers("std.error").map { $0 * $0 }, variances, .converged))
    #expect(close(peer.numbers("estimate"), estimates, .converged))
  }

  @Test func grayAndRegression() throws {
    let gray = try CommandLineRun(
      arguments: ["gray", spells, "Surv(spell, cause) ~ ui"] + causes)
    #expect(gray.status == 0, Comment(rawValue: gray.errors))
    #expect(gray.output.hasPrefix("cause,statistic,df,p.value\n"))
    #expect(close(gray.numbers("statistic"), [188.4168324616974, 59.6140346214096], .converged))
    #expect(gray.numbers("df") == [1, 1])

    let call = ["finegray", spells, "Surv(spell, cause) ~ ui + age + logwage", "--cause", "1"]
    let fit = try CommandLineRun(arguments: call + causes)
    #expect(fit.status == 0, Comment(rawValue: fit.errors))
    #expect(
      fit.output.hasPrefix(
        "term,estimate,std.error,robust.se,statistic,df,p.value,conf.low,conf.high\nuiyes,"))
    #expect(
      close(
        fit.numbers("estimate"), [-0.832992250268408, -0.010089955992999, 0.483412604783149]))
    #expect(
      close(
        fit.numbers("std.error"), [0.0606734449343747, 0.0030607890481456, 0.0542291405783346]))
    #expect(fit.numbers("robust.se").allSatisfy { $0.isNaN })
    let clustered = try CommandLineRun(arguments: call + causes + ["--cluster", "age"])
    #expect(clustered.numbers("std.error") == fit.numbers("std.error"))
    let (estimate, error) = (clustered.first("estimate"), clustered.first("robust.se"))
    #expect(error.isFinite && close(clustered.first("statistic"), estimate / error, .closedForm))
    let ratio = try CommandLineRun(arguments: call + causes + ["--exponentiate"])
    #expect(close(ratio.first("estimate"), 0.434747, Tolerance(relative: 1e-6)))

    // One cause's hazard is cox's, by a comparison.
    let hazard = try CommandLineRun(
      arguments: ["cox", spells, "Surv(spell, cause == 1) ~ ui + age + logwage"] + causes)
    #expect(
      close(
        hazard.numbers("estimate"), [-1.021632137113009, -0.010920761622079, 0.481587677481577],
        .converged))
    #expect(
      close(
        hazard.numbers("std.error"),
        [0.0638533840954712, 0.0031291229954841, 0.0570479854678933], .converged))
  }

  @Test func predictions() throws {
    let call = ["finegray", spells, "Surv(spell, cause) ~ ui + age + logwage"] + causes
    let run = try CommandLineRun(
      arguments: call + [
        "--at", "ui=yes,age=40,logwage=5.5", "--at", "logwage=5.5,age=40,ui=no", "--times", "13,26",
      ])
    #expect(run.status == 0, Comment(rawValue: run.errors))
    #expect(run.output.hasPrefix("at,time,estimate,std.error,conf.low,conf.high\n"))
    // R's crr.
    let expected = [0.259873407777177, 0.386425401730174, 0.499529099898535, 0.674871983176326]
    #expect(close(run.numbers("estimate"), expected))
    for row in run.rows {
      let numbers = ["conf.low", "estimate", "conf.high"].map {
        row[$0].flatMap { Double($0) } ?? 2
      }
      #expect(numbers[0] > 0 && numbers[0] < numbers[1] && numbers[1] < numbers[2])
    }
    for (profile, words) in [("ui=yes,age=40", "logwage"), ("ui=yes,age=40,wage=5", "wage")] {
      let bad = try CommandLineRun(arguments: call + ["--at", profile, "--times", "13"])
      #expect(bad.status == 64 && bad.errors.contains(words), Comment(rawValue: bad.errors))
    }
    let level = try CommandLineRun(
      arguments: call + ["--at", "ui=maybe,age=40,logwage=5", "--times", "13"])
    #expect(
      level.status == 65 && level.errors.contains("no level"), Comment(rawValue: level.errors))
    let alone = try CommandLineRun(arguments: call + ["--at", "ui=yes,age=40,logwage=5"])
    #expect(alone.status == 64 && alone.errors.contains("--times"))
  }

  @Test func weeksWorked() throws {
    let run = try CommandLineRun(arguments: ["states"] + weekly + ["--tau", "52"])
    #expect(run.status == 0, Comment(rawValue: run.errors))
    let rows = run.rows.filter { $0["state"] == "in work" }
    #expect(rows.compactMap { $0["arm"] } == ["fin=no", "fin=yes", "difference"])
    // Everybody is observed to week 52 or arrest, so these are plain means with their errors.
    let errors = (1.2157242060035653, 1.1995466344947767)
    let expected = [
      (20.72685185185185, errors.0), (22.22685185185185, errors.1),
      (1.5, (errors.0 * errors.0 + errors.1 * errors.1).squareRoot()),
    ]
    for (row, (mean, error)) in zip(rows, expected) {
      #expect(close(row["estimate"].flatMap { Double($0) } ?? .nan, mean, .converged))
      #expect(close(row["std.error"].flatMap { Double($0) } ?? .nan, error, .converged))
    }
    let totals = run.rows.filter { $0["arm"] == "fin=no" }.compactMap { $0["estimate"] }
    #expect(close(totals.compactMap { Double($0) }.reduce(0, +), 52, .closedForm))
    // A state of its own for what lasts takes its weeks from work.
    let kept = try CommandLineRun(
      arguments: ["states"] + weekly + ["--tau", "52", "--sustained", "13"])
    let parts = ["in work", "sustained"].map { kept.number("estimate", where: "state", is: $0) }
    #expect(
      parts.allSatisfy { $0 > 1 } && close(parts[0] + parts[1], 20.72685185185185, .converged))
    let jobs = try CommandLineRun(arguments: ["mcc"] + weekly + ["--times", "52"])
    #expect(jobs.status == 0, Comment(rawValue: jobs.errors))
    #expect(close(jobs.numbers("estimate"), [1.3425925925925926, 1.4768518518518519], .converged))
    #expect(
      close(jobs.numbers("std.error"), [0.06392379416658032, 0.07080219892780333], .converged))
  }

  /// Few are arrested this late; the times of an arm add up, so that none may be printed.
  @Test func fewInAState() throws {
    let run = try CommandLineRun(
      arguments: ["states"] + weekly + [
        "--tau", "52", "--where", "week > 47", "--disclosure", "acro-default",
      ])
    #expect(run.status == 0, Comment(rawValue: run.errors))
    #expect(run.rows.count == 9 && run.numbers("estimate").allSatisfy { $0.isNaN })
    let all = try CommandLineRun(
      arguments: ["states"] + weekly + ["--tau", "52", "--disclosure", "acro-default"])
    #expect(all.numbers("estimate").allSatisfy { $0.isFinite })
  }

  @Test func statesFromSpells() throws {
    let golden = try Golden.json("survival/states.json")
    let call = [
      "states", states, "Surv(start, stop, to) ~ arm", "--id", "id", "--initial", "from", "--where",
      "set == 1",
    ]
    let times = try CommandLineRun(arguments: call + ["--tau", "15"])
    #expect(times.status == 0, Comment(rawValue: times.errors))
    for arm in ["0", "1"] {
      for (k, state) in ["idle", "job", "kept", "gone"].enumerated() {
        let row = times.rows.first { $0["arm"] == "arm=\(arm)" && $0["state"] == state }
        let expected = golden["set_1_arm_\(arm)_w_0"]
        let found = ["estimate", "std.error"].map { row?[$0].flatMap { Double($0) } ?? .nan }
        #expect(
          close(found, [expected["rmean"].doubles[k], expected["rse"].doubles[k]], .converged))
      }
    }
    let curves = try CommandLineRun(arguments: call + ["--weights", "w", "--cluster", "site"])
    let idle = curves.rows.filter { $0["arm"] == "arm=1" && $0["state"] == "idle" }
    let expected = golden["set_1_arm_1_w_1"]["p"].doubles
    #expect(
      close(
        idle.compactMap { $0["estimate"].flatMap { Double($0) } },
        stride(from: 0, to: expected.count, by: 4).map { expected[$0] }, .converged))
  }

  @Test(
    arguments: [
      (
        ["cif", spells, "Surv(spell, cause) ~ ui", "--disclosure", "acro-default"] + causes, 3,
        "single"
      ),
      (["cif", spells, "spell ~ ui"], 64, "Surv(time, cause)"),
      (["gray", spells, "Surv(spell, cause) ~ 1"] + causes, 64, "arms to compare"),
      (["gray", spells, "Surv(spell, cause) ~ ui", "--weights", "reprate"] + causes, 65, "whole"),
      (
        ["finegray", spells, "Surv(spell, cause) ~ ui", "--cause", "7"] + causes, 65, "no cause '7'"
      ),
      (
        ["cif", spells, "Surv(spell, cause) ~ ui", "--variance", "cuminc", "--cluster", "age"]
          + causes, 64, "jackknife"
      ),
      (["states", states, "Surv(start, stop, to) ~ 1", "--id", "site"], 65, "overlap"),
      (["states"] + weekly.prefix(2) + ["--weekly", "emp1"], 64, "weekly takes"),
      (["states"] + weekly + ["--id", "id"], 64, "does not apply"),
      (["mcc"] + weekly + ["--tau", "3"], 64, "tau"),
    ] as [([String], Int32, String)])
  func refusals(_ arguments: [String], _ status: Int32, _ words: String) throws {
    let run = try CommandLineRun(arguments: arguments)
    #expect(run.status == status, Comment(rawValue: run.errors))
    #expect(run.errors.contains(words), Comment(rawValue: run.errors))
    #expect(run.output == "")
  }
}
