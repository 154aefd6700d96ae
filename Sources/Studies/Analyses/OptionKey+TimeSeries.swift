/// Options of `its` and of re-runs that leave something out.
extension OptionKey {
}
