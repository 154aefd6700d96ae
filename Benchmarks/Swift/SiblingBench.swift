// Our side of the benchmarks: `generate` writes the data, `run` times the estimators' own calls
// with the data in memory and prints a line of JSON for each.
internal import Glibc
internal import LinearAlgebra
internal import Statistics

@main
enum SiblingBench {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      switch (arguments.first, arguments.count) {
      case ("generate", 4):
        guard let rows = Int(arguments[1]), rows > 0, let seed = UInt64(arguments[2]) else {
          stop("rows and seed are whole numbers")
        }
        guard ClientFile(rows: rows, seed: seed).write(to: arguments[3]) else {
          stop("can't write \(arguments[3])")
        }
      case ("run", 4...5):
        guard let repetitions = Int(arguments[3]), repetitions > 0 else {
          stop("repetitions is a whole number")
        }
        if arguments.count == 5, let threads = Int(arguments[4]), threads > 0 {
          Parallel.setThreads(threads)
        }
        let tasks = arguments[2].split(separator: ",").map(String.init)
        try Tasks(path: arguments[1], repetitions: repetitions).run(tasks)
      default:
        stop(
          "usage: sibling-bench generate ROWS SEED FILE | run FILE TASK,TASK REPETITIONS [THREADS]")
      }
    } catch {
      stop("\(error)")
    }
  }

  static func stop(_ message: String) -> Never {
    let text = Array("sibling-bench: \(message)\n".utf8)
    _ = write(STDERR_FILENO, text, text.count)
    exit(64)
  }
}
