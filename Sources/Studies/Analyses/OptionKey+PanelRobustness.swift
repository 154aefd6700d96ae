/// Options of `honest-did` and `pretrends`.
extension OptionKey {
}
