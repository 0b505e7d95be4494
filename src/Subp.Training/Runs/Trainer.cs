using System.Diagnostics;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Training.Data;
using Subp.Training.Distributed;
using Subp.Training.Engines;
using Subp.Training.Models;
using Subp.Training.Numerics;
using Subp.Training.Recipes;

namespace Subp.Training.Runs;

/// <summary>
/// The training loop: per epoch one mask update, then the steps, then the test set, then the files. It knows epochs and masks;
/// tensors are the engine's.
/// </summary>
public sealed class Trainer : IDisposable
{
    private const int StepsPerReport = 10;

    private readonly TrainingRecipe _recipe;
    private readonly ITrainingEngine _engine;
    private readonly IBatchSource _training;
    private readonly IBatchSource _test;
    private readonly MaskState _masks;
    private readonly TrainingState _state;
    private readonly DataParallel _parallel;
    private readonly Teacher? _teacher;
    private readonly RunFolder? _folder;
    private readonly float[] _images;
    private readonly int[] _labels;
    private readonly int? _maxSteps;
    private readonly Action? _epochRead;
    private EngineProfile? _profile;
    private int _stepsOfThisRun;

    /// <summary>Prepares a training, or resumes one.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="graph">The network; its metadata gives the normalisation, which is measured where there is none. Its classes are called
    /// as those of the images.</param>
    /// <param name="training">The images to learn from.</param>
    /// <param name="test">The images to measure with.</param>
    /// <param name="options">Files, threads, engine.</param>
    /// <param name="initial">Weights to start from, or null for random ones.</param>
    /// <param name="teacher">The network whose answers are learned too, where the recipe has a share for them.</param>
    /// <exception cref="SubpException">Recipe, network, data and folder do not fit together.</exception>
    public Trainer(
        TrainingRecipe recipe,
        Graph graph,
        IImageSource training,
        IImageSource test,
        TrainingOptions options,
        WeightSet? initial = null,
        Model? teacher = null
    )
    {
        RecipeRules.Verify(recipe);
        TrainingRequirements.RequireFit(graph, training);
        TrainingRequirements.RequireFit(graph, test);
        TrainingRequirements.RequireBatch(recipe, training);
        _recipe = recipe;
        _state = new TrainingState(recipe.Seed);
        var data = RunData.Of(training, test);
        if (options.Folder is { } place && options.Group.Rank == 0)
        {
            RunFolder.RequireUsable(place, options.Resume, options.Overwrite);
            if (options.Resume)
                RunContinuation.RequireSame(place, recipe, data);
        }

        var recorded = options is { Folder: { } run, Resume: true } ? RunNetwork.Read(run, options.Group) : null;
        graph = RunNetwork.Complete(graph, training, recorded, options.Folder);
        _masks = new MaskState(recipe, graph);
        var normalization = RunNetwork.Normalization(graph)!;
        _parallel = new DataParallel(options.Group, recipe.BatchSize);
        _training = training.Open(normalization, new Augmentation(recipe.Shift, recipe.Flip, recipe.CropArea), _parallel.Shard);
        _test = test.Open(normalization, Augmentation.None, _parallel.Shard);
        _images = new float[_parallel.BatchSize * _training.ImageLength];
        _labels = new int[_parallel.BatchSize];
        _maxSteps = options.MaxSteps;
        _epochRead = options.EpochRead;
        if (initial is not null)
            InitialWeights.RequireFit(graph, initial);
        var request = new EngineRequest(
            graph,
            initial ?? WeightInitializer.Initialize(graph, recipe.Seed),
            _parallel.BatchSize,
            options.Engine with
            {
                Seed = recipe.Seed,
            }
        )
        {
            Rounding = recipe.Quantize == TrainedArithmetic.Int8 ? new ByteRounding(recipe.WeightBits) : null,
        };
        try
        {
            _teacher = Teacher.Create(recipe, teacher, graph, options.Provider, request);
            _engine = options.Provider.Create(request);
            TrainingRequirements.RequireRounding(request, _engine);
            _parallel.Connect(_engine);
            _masks.Begin(_engine);
            _folder =
                options.Folder is null || !_parallel.IsWriter ? null : RunFolder.Open(options.Folder, options.Resume, options.Overwrite);
            bool goesOn = options is { Resume: true, Folder: not null } && Resume(options.Group, options.Folder, initial is not null);
            // Everything else that can fail has been done: only now does a run go that was in the folder. One that is killed before its
            // first epoch is complete still knows the weights that it started from.
            _folder?.Begin(
                recipe,
                graph,
                data,
                RunEnvironment.Print(_engine, _state.CompletedEpochs),
                goesOn ? null : Checkpoint.Save(_state, recipe, _engine, _masks),
                options.Resume
            );
        }
        catch
        {
            // Nobody can dispose of a trainer that was not made: its folder would stay locked, its memory and devices taken.
            Dispose();
            throw;
        }
    }

    // Rank 0 reads the file for all: the others need not see its disk.
    private bool Resume(IProcessGroup group, string folder, bool hasInitialWeights)
    {
        string path = _folder?.LastCheckpoint ?? folder;
        var bytes = group.Share(_folder is not null && File.Exists(path) ? File.ReadAllBytes(path) : null);
        if (bytes is not null)
        {
            Checkpoint.Load(path, bytes, _state, _recipe, _engine, _masks);
            return true;
        }

        // Folders of older versions have no checkpoint before the first epoch is complete, and nobody knows what such a run started from.
        if (!hasInitialWeights)
        {
            throw new SubpException(
                DiagnosticDescriptors.NoRunToResume,
                folder,
                "no last.ckpt",
                "the checkpoint of a run that was stopped",
                "Name with --init what the run started from, or start over with --force."
            );
        }

        return false;
    }

    /// <summary>Trains and frees the engine: the whole of <see cref="Trainer"/> in one call.</summary>
    /// <exception cref="SubpException">The parts do not fit together, or the training diverged.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the folder holds the last complete epoch.</exception>
    public static TrainingResult Train(
        TrainingRecipe recipe,
        Graph graph,
        IImageSource training,
        IImageSource test,
        TrainingOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default,
        WeightSet? initial = null,
        Model? teacher = null
    )
    {
        using var trainer = new Trainer(recipe, graph, training, test, options, initial, teacher);
        return trainer.Run(progress, cancellation);
    }

    /// <summary>Trains the epochs that are left.</summary>
    /// <exception cref="SubpException">SUBP0506 where the loss is not finite.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the folder holds the last complete epoch.</exception>
    public TrainingResult Run(IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        _folder?.Log(
            FormattableString.Invariant(
                $"{_engine.Graph.Name} {_engine.Description} epochs {_state.CompletedEpochs}..{_recipe.Epochs - 1} masked layers "
            ) + FormattableString.Invariant($"{_masks.Layers.Count}")
        );
        bool stopped = false;
        while (!stopped && _state.CompletedEpochs < _recipe.Epochs)
            stopped = !TrainEpoch(progress, cancellation);

        double accuracy = _state.History.Count > 0 ? _state.History[^1].TestAccuracy : 0;
        return new TrainingResult(
            ModelExport.Export(_engine, _masks),
            accuracy,
            [.. _state.History],
            _profile,
            _engine.Description,
            stopped ? _stepsOfThisRun : null
        )
        {
            Ranges = _engine.Ranges.ToDictionary(
                range => range.Key,
                range => (_engine.Values(range.Value)[0], _engine.Values(range.Value)[1]),
                StringComparer.Ordinal
            ),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _folder?.Dispose();
        // Not there yet where the constructor fails.
        _engine?.Dispose();
        _teacher?.Dispose();
        _training.Dispose();
        _test.Dispose();
    }

    /// <summary>Trains an epoch, or what is left of one. False where the allowed steps came to their end before it.</summary>
    private bool TrainEpoch(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        int epoch = _state.CompletedEpochs;
        int steps = _training.Count / _recipe.BatchSize;
        var partial = Begin(epoch);
        double before = partial.Seconds;
        long start = Stopwatch.GetTimestamp();
        double Seconds() => before + Stopwatch.GetElapsedTime(start).TotalSeconds;
        while (partial.Steps < steps)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_stepsOfThisRun == _maxSteps)
            {
                _parallel.ShareStatistics(_engine);
                partial.Seconds = Seconds();
                SaveCheckpoint(isBest: false);
                return false;
            }

            // Images that cannot be read shorten the epoch; like the remainder, what does not fill a batch is left out.
            int read = _training.Next(_images, _labels);
            if (!_parallel.InAll(read == _labels.Length))
            {
                if (partial.Steps == 0)
                    TrainingRequirements.RequireSteps(epoch, _recipe, _parallel, read);
                break;
            }

            UpdateMasks(epoch, partial.Steps);
            var result = Step(epoch, partial.Steps, steps);
            partial.Loss += result.Loss;
            partial.Correct += result.Correct;
            partial.Position = _training.Position;
            partial.Steps++;
            _stepsOfThisRun++;
            if (partial.Steps % StepsPerReport == 0)
                progress?.Report(Progress(epoch, partial, steps, Seconds(), finished: null));
        }

        _profile = _engine.TakeProfile();
        _parallel.ShareStatistics(_engine);
        var evaluation = Evaluation.Of(_engine, _test, _parallel, cancellation);
        _epochRead?.Invoke();
        int done = Math.Max(1, partial.Steps);
        var summary = new EpochSummary(
            epoch,
            LearningRate.At(_recipe, epoch + (double)(steps - 1) / steps),
            partial.Loss / done,
            (double)partial.Correct / (done * _recipe.BatchSize),
            evaluation.Accuracy,
            evaluation.Loss,
            evaluation.TopFive,
            _masks.Sparsity,
            Seconds(),
            _masks.Describe()
        );
        _state.History.Add(summary);
        _state.CompletedEpochs++;
        _state.Partial = null;
        Save(summary);
        progress?.Report(Progress(epoch, partial, steps, summary.Seconds, summary));
        return true;
    }

    /// <summary>Begins an epoch, or takes up the one that a checkpoint was left in.</summary>
    private PartialEpoch Begin(int epoch)
    {
        _engine.TakeProfile();
        if (_state.Partial is { } partial)
        {
            _training.StartEpoch(new DeterministicRandom(partial.Order), _state.DataRandom, partial.Position);
            return partial;
        }

        _masks.BeginEpoch();
        _state.Partial = new PartialEpoch(_state.DataRandom.SaveState());
        _training.StartEpoch(_state.DataRandom, _state.DataRandom);
        return _state.Partial;
    }

    private ITrainingEngine Teach()
    {
        _engine.Teacher = _teacher?.Answer(_images, _labels.Length);
        return _engine;
    }

    private void UpdateMasks(int epoch, int step)
    {
        if (_masks.IsDue(epoch, step))
            _masks.Update(epoch, _engine, _state.MaskRandom);
        if (step == 0)
            _parallel.RequireAgreement(epoch, _engine, _masks.Masks);
    }

    private StepResult Step(int epoch, int step, int steps)
    {
        double rate = LearningRate.At(_recipe, epoch + ((double)step / steps));
        var result = _parallel.Combine(
            Teach()
                .Train(
                    _images,
                    _labels,
                    new StepSettings(
                        (float)rate,
                        (float)_recipe.Momentum,
                        (float)_recipe.WeightDecay,
                        (float)_recipe.LabelSmoothing,
                        (float)_masks.SparseRefinement,
                        _masks.AreFinal(epoch)
                    )
                )
        );
        if (!double.IsFinite(result.Loss))
        {
            throw new SubpException(
                DiagnosticDescriptors.TrainingDiverged,
                FormattableString.Invariant($"epoch {epoch}, step {step}"),
                FormattableString.Invariant($"a loss of {result.Loss}"),
                "a finite loss",
                "Lower the learning rate, or set warmupEpochs."
            );
        }

        return result;
    }

    private void Save(EpochSummary summary)
    {
        bool atTarget = PruningMethods.IsAtTarget(_recipe, summary.Epoch);
        bool best = atTarget && summary.TestAccuracy > _state.BestAccuracy;
        _state.BestAccuracy = best ? summary.TestAccuracy : _state.BestAccuracy;
        if (_folder is null)
            return;

        // The checkpoint comes last: when it is there, everything it speaks of is there too.
        _folder.WriteTables(_state.History);
        _folder.Log(
            FormattableString.Invariant(
                $"epoch {summary.Epoch} loss {summary.TrainLoss:F4} train {summary.TrainAccuracy:P2} test {summary.TestAccuracy:P2} "
            ) + FormattableString.Invariant($"sparsity {summary.Sparsity:P2} {summary.Seconds:F1} s")
        );
        SaveCheckpoint(best);
    }

    private void SaveCheckpoint(bool isBest)
    {
        if (_folder is null)
            return;

        byte[] checkpoint = Checkpoint.Save(_state, _recipe, _engine, _masks);
        if (isBest)
            AtomicFile.Write(_folder.BestCheckpoint, checkpoint);

        AtomicFile.Write(_folder.LastCheckpoint, checkpoint);
    }

    private TrainingProgress Progress(int epoch, PartialEpoch partial, int steps, double seconds, EpochSummary? finished)
    {
        int done = Math.Max(1, partial.Steps);
        double left = seconds / done * ((((double)_recipe.Epochs - epoch) * steps) - done);
        return new TrainingProgress(
            epoch,
            _recipe.Epochs,
            partial.Steps,
            steps,
            partial.Loss / done,
            (double)partial.Correct / (done * _recipe.BatchSize),
            _masks.Sparsity,
            done * _recipe.BatchSize / Math.Max(seconds, 1e-9),
            TimeSpan.FromSeconds(Math.Max(0, left)),
            finished
        );
    }
}
