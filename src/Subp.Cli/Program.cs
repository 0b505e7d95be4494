using Subp.Cli;
using Subp.Cli.Terminal;

using var interruption = Interruption.Install();
return SubpApplication.Run(args, TerminalStreams.OfProcess(), interruption.Token);
