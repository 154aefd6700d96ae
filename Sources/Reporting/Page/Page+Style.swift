extension Page {
  /// The style: one column to read, A4 in print.
  ///
  /// Tables and charts scroll by themselves where the screen is narrow; charts keep their white card
  /// by night.
  static let style = """
    :root{color-scheme:light dark;\(PagePalette.day.properties)}
    @media screen and (prefers-color-scheme:dark){:root{\(PagePalette.night.properties)}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
    body{margin:0;background:var(--paper);color:var(--ink);\
    font:1.0625rem/1.55 Helvetica,Arial,'Liberation Sans',sans-serif}
    main{max-width:54rem;margin:0 auto;padding:1.5rem 1rem 4rem}
    h1{font-size:1.9rem;line-height:1.2;margin:.5rem 0 1.2rem}
    h2{font-size:1.45rem;line-height:1.25;margin:2.6rem 0 .8rem}
    h3{font-size:1.2rem;line-height:1.3;margin:1.9rem 0 .6rem}
    h4,h5,h6{font-size:1.0625rem;margin:1.5rem 0 .5rem}
    h1,h2,h3,h4,h5,h6,p,li,caption,figcaption,td,th{overflow-wrap:break-word}
    p,ul,ol{margin:0 0 1rem}
    ul,ol{padding-left:1.5rem}
    li{margin:.25rem 0}
    a{color:var(--link);text-decoration:underline;text-underline-offset:.15em}
    a:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px}
    .skip{position:absolute;left:-99rem;top:0;padding:.5rem 1rem;background:var(--paper)}
    .skip:focus{left:0;z-index:1}
    .callout{margin:1.2rem 0 1.5rem;padding:1rem 1.2rem .2rem;background:var(--band);\
    border-left:.4rem solid var(--link)}
    .callout .lead{font-size:1.2rem;font-weight:bold}
    nav ul{list-style:none;padding:0;columns:2 18rem}
    nav li{break-inside:avoid;margin:0;padding:.25rem 0}
    .wide{overflow-x:auto;margin:1.2rem 0 1.5rem}
    table{min-width:min(100%,30rem);border-collapse:collapse;font-size:.94rem;line-height:1.4;\
    font-variant-numeric:tabular-nums}
    caption{text-align:left;color:var(--quiet);padding:0 0 .5rem}
    caption span{display:block;position:sticky;left:0;max-width:min(52rem,calc(100vw - 2rem))}
    th,td{padding:.35rem .8rem .35rem 0;text-align:left;vertical-align:top;\
    border-bottom:1px solid var(--line)}
    th{font-weight:bold}
    tbody th{font-weight:normal}
    .n{text-align:right}
    figure{margin:1.5rem 0}
    figcaption{color:var(--quiet);font-size:.94rem;margin-top:.5rem}
    .card{overflow-x:auto;background:#FFFFFF}
    .card svg{display:block}
    code,pre{font-family:ui-monospace,'Liberation Mono',Menlo,Consolas,monospace;font-size:.9em}
    code{background:var(--band);padding:.1em .25em}
    pre{background:var(--band);padding:.8rem 1rem;overflow-x:auto}
    pre code{padding:0}
    hr{border:0;border-top:1px solid var(--line);margin:2rem 0}
    .unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);\
    white-space:nowrap}
    @media screen and (max-width:44rem){.card svg{min-width:40rem}}
    @media print{
    @page{size:A4;margin:18mm 16mm}
    :root{color-scheme:light}
    html{font-size:10pt}
    body{font-size:1rem}
    td,th{overflow-wrap:anywhere;padding-right:.5rem}
    main{max-width:none;padding:0}
    .skip,nav{display:none}
    a{color:inherit;text-decoration:none}
    h1,h2,h3,h4,caption{break-after:avoid}
    figure,.keep,.callout,tr,pre,li{break-inside:avoid}
    thead{display:table-header-group}
    .wide,.card,pre{overflow:visible}
    .card svg{max-height:230mm;width:auto}
    pre{white-space:pre-wrap}
    }
    """
}
