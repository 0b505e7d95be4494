using System.Text;
using Subp.Cli.Failures;
using Subp.Cli.Terminal;
using Subp.Tooling.Failures;
using Subp.Training.Distributed;
using Subp.Training.Distributed.Mpi;
using Subp.Training.Recipes;

namespace Subp.Cli.Training;

/// <summary>
/// Runs a command as one of the ranks that an MPI launcher started, or alone. A rank that fails ends all of them: the others wait for its
/// part of a sum and would wait for ever.
/// </summary>
internal static class Ranks
{
    /// <summary>The recipe that rank 0 makes of its files and options; the others need not see its disk.</summary>
    public static TrainingRecipe Share(IProcessGroup group, Func<TrainingRecipe> make)
    {
        if (group.Size == 1)
            return make();
        var text = group.Share(group.Rank == 0 ? Encoding.UTF8.GetBytes(RecipeFile.Print(make())) : null);
        return RecipeFile.Parse(Encoding.UTF8.GetString(text!), "the recipe of rank 0");
    }

    /// <summary>Runs the work of this rank; rank 0 speaks, the others say no more than errors.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(CommandContext context, Func<IProcessGroup, CommandContext, int> work)
    {
        using var group = MpiLaunch.Join();
        if (group.Size == 1)
            return work(group, context);
        try
        {
            return work(group, group.Rank == 0 ? context : context.Silent());
        }
        catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested)
        {
            group.Abort(ExitCodes.Cancelled);
            throw;
        }
        catch (Exception failure)
        {
            var diagnostic = FailureReport.Of(failure);
            var place = FormattableString.Invariant($"rank {group.Rank} of {group.Size}");
            context.Report(diagnostic with { Location = diagnostic.Location.Length > 0 ? $"{place}, {diagnostic.Location}" : place });
            group.Abort(ExitCodes.Of(diagnostic));
            throw;
        }
    }
}
