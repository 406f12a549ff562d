// What is on the site, in the order of its menu: each page is a Markdown file of the tree, given as [name, file, and where its
// title is too long for the menu, another].
// The name is that of its address, NAME.html; all pages lie in one folder, so that the site works below any address.

export const contents = [
  {
    title: "Start",
    pages: [
      ["index", "site/pages/index.md", "Welcome"],
      ["first-comparison", "site/pages/first-comparison.md"],
      ["reproduce", "site/pages/reproduce.md"],
    ],
  },
  {
    title: "How to",
    pages: [
      ["own-quantizer", "site/pages/own-quantizer.md"],
      ["own-power-method", "site/pages/own-power-method.md"],
      ["own-channel", "site/pages/own-channel.md"],
      ["own-network", "site/pages/own-network.md"],
      ["own-data", "site/pages/own-data.md"],
      ["on-slurm", "site/pages/on-slurm.md"],
      ["results-elsewhere", "site/pages/results-elsewhere.md"],
      ["notebooks", "site/pages/notebooks.md"],
    ],
  },
  {
    title: "The model",
    pages: [
      ["model", "site/pages/model.md"],
      ["choices", "docs/choices.md"],
      ["reproduction", "docs/reproduction.md"],
      ["limits", "site/pages/limits.md"],
    ],
  },
  {
    title: "Reference",
    pages: [
      ["cli", "docs/cli.md"],
      ["configuration", "docs/configuration.md"],
      ["configuration-fields", "docs/configuration-fields.md"],
      ["radio", "docs/radio.md"],
      ["power", "docs/power.md"],
      ["quantizers", "docs/quantizers.md"],
      ["training", "docs/training.md"],
      ["data", "docs/data.md"],
      ["downlink", "docs/downlink.md"],
      ["system", "docs/system.md"],
      ["waiting", "docs/waiting.md"],
      ["aggregation", "docs/aggregation.md"],
      ["comparing", "docs/comparing.md"],
      ["studies", "docs/studies.md"],
      ["clusters", "docs/clusters.md"],
      ["results", "docs/results.md"],
      ["optimization", "docs/optimization.md"],
      ["lab", "docs/lab.md"],
    ],
  },
  {
    title: "About",
    pages: [
      ["architecture", "docs/architecture.md"],
      ["decisions", "docs/decisions.md"],
      ["performance", "docs/performance.md"],
      ["reproducibility", "site/pages/reproducibility.md"],
      ["reliability", "docs/reliability.md"],
      ["citing", "docs/citing.md"],
      ["development", "docs/development.md"],
      ["contributing", "CONTRIBUTING.md"],
      ["changelog", "CHANGELOG.md"],
    ],
  },
];
