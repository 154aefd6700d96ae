internal import LinearAlgebra
internal import Statistics

extension DoublyRobustProblem {
  /// Predictions of each repetition, every row's by models that have not seen its fold.
  ///
  /// - Throws: what is wrong with a fold's model.
  func crossFitted() throws(SiblingError) -> [NuisanceModels] {
    let folds = settings.folds
    let assignments = (0..<settings.repetitions).map { self.folds(repetition: $0) }
    let parts = Parallel.mapBlocks(folds * settings.repetitions) {
      block -> Result<NuisanceModels, SiblingError> in
      let (repetition, fold) = (block / folds, block % folds)
      do throws(SiblingError) {
        return .success(
          try NuisanceModels.fit(self, rows: assignments[repetition].map { $0 != fold }))
      } catch {
        return .failure(error)
      }
    }
    var all: [NuisanceModels] = []
    for repetition in 0..<settings.repetitions {
      let n = treatment.count
      var joined = NuisanceModels(
        probability: [Double](repeating: 0.5, count: n),
        treated: [Double](repeating: 0, count: n), comparison: [Double](repeating: 0, count: n),
        notes: [])
      for fold in 0..<folds {
        let models: NuisanceModels
        do {
          models = try parts[repetition * folds + fold].get()
        } catch {
          var said = error
          said.message = "fold \(fold + 1) of \(folds): " + error.message
          said.help = "Use fewer folds, or fewer terms. " + (error.help ?? "")
          throw said
        }
        for row in 0..<n where assignments[repetition][row] == fold {
          joined.probability[row] = models.probability[row]
          joined.treated[row] = models.treated[row]
          joined.comparison[row] = models.comparison[row]
        }
        for note in models.notes where !joined.notes.contains(note) { joined.notes.append(note) }
      }
      all.append(joined)
    }
    return all
  }

  /// The fold of each row: whole clusters at random, or each group's rows at random.
  func folds(repetition: Int) -> [Int] {
    var stream = RandomStream(seed: settings.seed, name: "dml-folds", index: UInt64(repetition))
    var fold = [Int](repeating: 0, count: treatment.count)
    if let cluster {
      let order = stream.permutation(cluster.levels.count)
      var place = [Int](repeating: 0, count: order.count)
      for (rank, level) in order.enumerated() { place[level] = rank % settings.folds }
      for (row, code) in cluster.codes.enumerated() where code >= 0 { fold[row] = place[Int(code)] }
      return fold
    }
    var next = 0
    for arm in [true, false] {
      let rows = treatment.indices.filter { treatment[$0] == arm && weights[$0] > 0 }
      for index in stream.permutation(rows.count) {
        fold[rows[index]] = next % settings.folds
        next += 1
      }
    }
    return fold
  }
}
