import ArgumentParser
import Glibc
import Statistics
import Studies

/// One run of a verb: sets threads, runs, prints rows to standard output and notes to standard error.
struct Session {
  let talk: TalkOptions
  let values: OptionValues

  /// Runs an estimator and prints its rows.
  func estimate(
    _ verb: Verb, path: String, formula: String?, values: OptionValues
  ) throws(SiblingError) {
    let request = AnalysisRequest(verb: verb, path: path, formula: formula, options: values)
    let lines = ProgressLines(talk: talk)
    do throws(SiblingError) {
      try request.setThreads()
      let started = Clock.now
      let output = try request.run { lines.phase($0) }
      lines.end()
      let text = try output.rendered(
        as: request.format(onTerminal: Console.isTerminal(1)))
      try output.writeFiles()
      try Console.put(text, to: request.outputFile)
      guard !talk.quiet else { return }
      let renderer = Console.renderer()
      for note in output.notes { Console.say(renderer.render(note: note)) }
      Console.say(renderer.render(note: request.releaseNote))
      if talk.verbose { Console.say(renderer.render(note: "took \(Clock.since(started)) s")) }
    } catch {
      lines.end()
      Console.fail(error, isPublic: request.isPublic)
    }
  }

  /// Runs a study.
  func run(
    study: String, output: String?, pictures: PictureOptions, cache: String? = nil
  ) throws(SiblingError) {
    var isPublic = false
    let lines = ProgressLines(talk: talk)
    do throws(SiblingError) {
      let request = AnalysisRequest(verb: .regress, path: study, formula: nil, options: values)
      try request.setThreads()
      var file = try StudyFile(path: study).telling { lines.phase($0) }
      isPublic = file.isPublic
      let folder = output ?? "Reports/\(file.reportFolder)"
      let started = Clock.now
      if let cache { file = try file.keepingResults(in: cache, output: folder) }
      var run = StudyRun(file)
      run.pictures = try pictures.pictures()
      let result = try run.run(into: folder) { lines.step($0) }
      lines.end()
      if !talk.quiet {
        for line in result.summary + file.cacheNotes { Console.say(line) }
        Console.say("\(folder)/report.md written in \(Clock.since(started)) s")
      }
      if result.isWithheld {
        throw SiblingError(
          .gateFailed, "the design gate failed, so effects are withheld",
          help: "see the diagnostics in \(folder)/report.md")
      }
    } catch {
      lines.end()
      listProblems(of: study, after: error)
      Console.fail(error, isPublic: isPublic)
    }
  }

  /// Prints everything that is wrong with a study's tables where one of many such errors ended a run.
  private func listProblems(of study: String, after error: SiblingError) {
    guard error.code.exitStatus == 65, let file = try? StudyFile(path: study),
      file.hasTables, let found = try? StudyRun(file).validate(), found.problems.count > 1
    else { return }
    stop(at: found, isPublic: file.isPublic, limit: 20)
  }

  private func stop(at found: StudyValidation, isPublic: Bool, limit: Int = .max) -> Never {
    let renderer = Console.renderer(isPublic: isPublic)
    for problem in found.problems.prefix(limit) { Console.say(renderer.render(problem)) }
    if found.problems.count > limit {
      Console.say("… and \(found.problems.count - limit) more, which 'sibling validate' shows")
    }
    for line in found.summary { Console.say(line) }
    exit(65)
  }

  /// Checks a study file and its data, and prints every problem.
  func validate(study: String) throws(SiblingError) {
    let problems = try StudyFile.problems(path: study)
    let renderer = Console.renderer()
    if problems.isEmpty {
      let file = try StudyFile(path: study)
      do throws(SiblingError) {
        let found = try StudyRun(file).validate()
        for line in found.lines { Console.put(line + "\n") }
        guard found.problems.isEmpty else { stop(at: found, isPublic: file.isPublic) }
      } catch {
        Console.fail(error, isPublic: file.isPublic)
      }
      return
    }
    for problem in problems { Console.say(renderer.render(problem)) }
    Console.say("\(problems.count) problem\(problems.count == 1 ? "" : "s") in \(study)")
    exit(65)
  }
}

/// Wall time for messages.
enum Clock {
  /// Seconds since some fixed moment.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Seconds since `start`, with two decimals.
  static func since(_ start: Double) -> String {
    let hundredths = Int(((now - start) * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}
