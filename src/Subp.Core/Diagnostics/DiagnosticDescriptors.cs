namespace Subp.Core.Diagnostics;

/// <summary>
/// The one table of everything this product can complain about.
/// Bands: 01xx .subp text, 02xx graph, 03xx weights, 04xx ONNX, 05xx data and training, 06xx compiling, 07xx verification, 08xx files and
/// command line, 09xx thresholds, 10xx source generator. Ids are never reused; a new one takes the next free number of its band, a page in
/// docs/diagnostics and a test. The file is long because it is a table, with one entry behind the other and nothing to separate.
/// </summary>
public static class DiagnosticDescriptors
{
    /// <summary>The text does not follow the grammar of a .subp file.</summary>
    public static readonly DiagnosticDescriptor SubpSyntax = Error("SUBP0101", "The .subp text is not well formed");

    /// <summary>The first line names a version of the text form that this build does not know.</summary>
    public static readonly DiagnosticDescriptor SubpVersion = Error("SUBP0102", "The .subp version is not supported");

    /// <summary>An operator name is not in the registry.</summary>
    public static readonly DiagnosticDescriptor UnknownOperator = Error("SUBP0103", "The operator is not known");

    /// <summary>An attribute is unknown, missing, repeated or of the wrong type.</summary>
    public static readonly DiagnosticDescriptor InvalidAttribute = Error("SUBP0104", "The attribute is not valid");

    /// <summary>The structure hash written in the file is not the hash of the structure in the file.</summary>
    public static readonly DiagnosticDescriptor StructureHashMismatch = Error("SUBP0105", "The structure was changed without its hash");

    /// <summary>A name is used that nothing earlier defines.</summary>
    public static readonly DiagnosticDescriptor UndefinedName = Error("SUBP0201", "The name is not defined");

    /// <summary>A name is defined twice.</summary>
    public static readonly DiagnosticDescriptor DuplicateName = Error("SUBP0202", "The name is defined twice");

    /// <summary>The shapes of inputs and parameters do not fit the operator, or a declared shape is not the inferred one.</summary>
    public static readonly DiagnosticDescriptor ShapeMismatch = Error("SUBP0203", "The shapes do not fit");

    /// <summary>An operator has the wrong number of inputs.</summary>
    public static readonly DiagnosticDescriptor InputCount = Error("SUBP0204", "The number of inputs is wrong");

    /// <summary>A value of an operator attribute is outside its range.</summary>
    public static readonly DiagnosticDescriptor AttributeRange = Error("SUBP0205", "The attribute is out of range");

    /// <summary>The number of output channels is not a multiple of the block length N.</summary>
    public static readonly DiagnosticDescriptor BlockDivisibility = Error(
        "SUBP0206",
        "The output channels are not divisible by the block length"
    );

    /// <summary>A block pattern is inconsistent with itself or with its weight.</summary>
    public static readonly DiagnosticDescriptor InvalidPattern = Error("SUBP0207", "The block pattern is not valid");

    /// <summary>A tensor would have more elements than this product addresses.</summary>
    public static readonly DiagnosticDescriptor TooLarge = Error("SUBP0208", "The tensor is too large");

    /// <summary>A value is neither an image [batch, channels, height, width] nor a vector [batch, features].</summary>
    public static readonly DiagnosticDescriptor UnsupportedRank = Error("SUBP0220", "The value is neither an image nor a vector");

    /// <summary>A scale or a zero point is outside its range.</summary>
    public static readonly DiagnosticDescriptor InvalidQuantization = Error("SUBP0230", "The quantisation is not valid");

    /// <summary>The type of a value or a parameter is not one that an operator or a command computes on.</summary>
    public static readonly DiagnosticDescriptor TypeMismatch = Error("SUBP0231", "The types do not fit");

    /// <summary>A sum of an integer layer could leave the range of 32 bits.</summary>
    public static readonly DiagnosticDescriptor AccumulatorOverflow = Error("SUBP0232", "The sums of the integer layer could overflow");

    /// <summary>A network of bytes and floats is to keep a tolerance that it keeps with floats alone.</summary>
    public static readonly DiagnosticDescriptor ToleranceNotKept = Error("SUBP0280", "No network with layers of bytes keeps the tolerance");

    /// <summary>A training is to round for a network of bytes, and its engine does not.</summary>
    public static readonly DiagnosticDescriptor EngineDoesNotRound = Error("SUBP0281", "The engine does not train for bytes");

    /// <summary>The pixels of a network cannot be its bytes: bytes have one scale and one zero point for all channels.</summary>
    public static readonly DiagnosticDescriptor PixelsAreNotBytes = Error("SUBP0282", "Pixels cannot be the bytes of the input");

    /// <summary>A computed index lies outside of the axis that it is an index of.</summary>
    public static readonly DiagnosticDescriptor IndexOutside = Error("SUBP0283", "A computed index is out of range");

    /// <summary>The container of a .safetensors file is broken.</summary>
    public static readonly DiagnosticDescriptor SafetensorsFormat = Error("SUBP0301", "The .safetensors file is not well formed");

    /// <summary>A weight that the graph declares is not in the file, or the file holds one that the graph does not declare.</summary>
    public static readonly DiagnosticDescriptor WeightMissing = Error("SUBP0302", "The weights do not match the graph");

    /// <summary>A weight has another shape or element type than the graph declares.</summary>
    public static readonly DiagnosticDescriptor WeightShape = Error("SUBP0303", "The weight has the wrong shape or type");

    /// <summary>The weights belong to another structure, or are not the ones the .subp file names.</summary>
    public static readonly DiagnosticDescriptor WeightHashMismatch = Error(
        "SUBP0304",
        "The weights file does not belong to this .subp file"
    );

    /// <summary>A weight holds NaN or infinity.</summary>
    public static readonly DiagnosticDescriptor WeightNotFinite = Error("SUBP0305", "The weight holds a value that is not finite");

    /// <summary>A weight is not zero where its block pattern says that it is pruned.</summary>
    public static readonly DiagnosticDescriptor WeightBreaksPattern = Error("SUBP0306", "The weight is not zero outside its block pattern");

    /// <summary>The scales or the bias of an integer layer are none that its weights and values can have.</summary>
    public static readonly DiagnosticDescriptor WeightBreaksQuantization = Error("SUBP0307", "The weights do not fit their quantisation");

    /// <summary>The bytes are not an ONNX file, or the file lacks its graph.</summary>
    public static readonly DiagnosticDescriptor OnnxFormat = Error("SUBP0401", "The ONNX file is not well formed");

    /// <summary>The model needs an operator set or a version of it that this build does not read.</summary>
    public static readonly DiagnosticDescriptor OnnxOpset = Error("SUBP0402", "The ONNX operator set is not supported");

    /// <summary>A node needs an operator that this build does not have.</summary>
    public static readonly DiagnosticDescriptor OnnxUnsupportedOperator = Error("SUBP0403", "The ONNX operator is not supported");

    /// <summary>The operator is supported, but not with these attributes or inputs.</summary>
    public static readonly DiagnosticDescriptor OnnxUnsupportedForm = Error("SUBP0404", "This form of the ONNX operator is not supported");

    /// <summary>An attribute is unknown, missing, of the wrong type or out of range.</summary>
    public static readonly DiagnosticDescriptor OnnxAttribute = Error("SUBP0405", "The ONNX attribute is not valid");

    /// <summary>A dimension is not known before the model runs.</summary>
    public static readonly DiagnosticDescriptor OnnxDynamicShape = Error("SUBP0406", "The ONNX shape is not static");

    /// <summary>The type, the dimensions and the data of a constant do not fit together.</summary>
    public static readonly DiagnosticDescriptor OnnxTensor = Error("SUBP0407", "The ONNX tensor is not valid");

    /// <summary>Weights that lie outside the ONNX file are missing, too short or at a forbidden place.</summary>
    public static readonly DiagnosticDescriptor OnnxExternalData = Error("SUBP0408", "The external data of the ONNX file cannot be read");

    /// <summary>A value is undefined, defined twice or depends on itself, or the interface is empty.</summary>
    public static readonly DiagnosticDescriptor OnnxGraph = Error("SUBP0409", "The ONNX graph is not valid");

    /// <summary>Metadata that this product stores in ONNX files was changed into something it cannot read.</summary>
    public static readonly DiagnosticDescriptor OnnxMetadata = Error("SUBP0410", "The ONNX metadata is not valid");

    /// <summary>A file of a data set does not exist.</summary>
    public static readonly DiagnosticDescriptor DatasetMissing = Error("SUBP0501", "The data set is not there");

    /// <summary>An idx file is truncated, corrupt or of another kind.</summary>
    public static readonly DiagnosticDescriptor DatasetFormat = Error("SUBP0502", "The data set file is not well formed");

    /// <summary>Two files of a data set have different numbers of items.</summary>
    public static readonly DiagnosticDescriptor DatasetMismatch = Error("SUBP0503", "Images and labels do not belong together");

    /// <summary>A label is not below the number of classes.</summary>
    public static readonly DiagnosticDescriptor LabelRange = Error("SUBP0504", "The label is out of range");

    /// <summary>A value of a training recipe is outside its range, or the recipe text cannot be read.</summary>
    public static readonly DiagnosticDescriptor RecipeInvalid = Error("SUBP0505", "The training recipe is not valid");

    /// <summary>The loss is NaN or infinite.</summary>
    public static readonly DiagnosticDescriptor TrainingDiverged = Error("SUBP0506", "The training diverged");

    /// <summary>A checkpoint is corrupt, or belongs to another network or recipe.</summary>
    public static readonly DiagnosticDescriptor CheckpointInvalid = Error("SUBP0507", "The checkpoint cannot be resumed");

    /// <summary>The training engine has no rule for an operator or for the form of the network.</summary>
    public static readonly DiagnosticDescriptor OperatorNotTrainable = Error("SUBP0508", "The network cannot be trained");

    /// <summary>The selection rules of a recipe exclude every layer.</summary>
    public static readonly DiagnosticDescriptor NothingToPrune = Error("SUBP0509", "No layer is left to prune");

    /// <summary>The output folder of a training holds another run.</summary>
    public static readonly DiagnosticDescriptor RunFolderInUse = Error("SUBP0510", "The run folder is in use");

    /// <summary>A pattern of layer names covers no layer of the network.</summary>
    public static readonly DiagnosticDescriptor UnknownLayerName = Error("SUBP0511", "No layer has this name");

    /// <summary>Weights were pruned and not trained afterwards.</summary>
    public static readonly DiagnosticDescriptor PrunedWithoutTraining = new(
        "SUBP0512",
        "The network was pruned without training",
        DiagnosticSeverity.Warning
    );

    /// <summary>A preset of pruning is not known, or was published for another network.</summary>
    public static readonly DiagnosticDescriptor PresetInvalid = Error("SUBP0513", "The preset does not fit");

    /// <summary>The files of a training engine are on none of the places where they are looked for.</summary>
    public static readonly DiagnosticDescriptor EngineNotInstalled = Error("SUBP0520", "The training engine is not installed");

    /// <summary>A training engine is there, but is of another version or system, or lacks a library.</summary>
    public static readonly DiagnosticDescriptor EngineNotLoadable = Error("SUBP0521", "The training engine cannot be loaded");

    /// <summary>A device was asked for that the machine or the engine does not have.</summary>
    public static readonly DiagnosticDescriptor DeviceNotAvailable = Error("SUBP0522", "The device is not available");

    /// <summary>A checkpoint was written by another training engine.</summary>
    public static readonly DiagnosticDescriptor CheckpointOfAnotherEngine = Error(
        "SUBP0523",
        "The checkpoint was written by another engine"
    );

    /// <summary>Network and batch need more memory than the device has.</summary>
    public static readonly DiagnosticDescriptor TrainingOutOfMemory = Error("SUBP0524", "The training does not fit into memory");

    /// <summary>A setting was given that means nothing to the training engine.</summary>
    public static readonly DiagnosticDescriptor EngineSettingInvalid = Error("SUBP0525", "The training engine has no such setting");

    /// <summary>The packages of a training engine could not be published into the user's folder.</summary>
    public static readonly DiagnosticDescriptor EngineNotInstallable = Error("SUBP0526", "The training engine could not be installed");

    /// <summary>The library of a training engine computes a gradient wrongly on this machine.</summary>
    public static readonly DiagnosticDescriptor GradientWrong = Error("SUBP0527", "The library of the engine computes wrongly");

    /// <summary>A network lost blocks, channels or bits, and was restored in closed form, without training.</summary>
    public static readonly DiagnosticDescriptor RestoredAfterTraining = new(
        "SUBP0530",
        "The network was made smaller after its training",
        DiagnosticSeverity.Info
    );

    /// <summary>The inputs that statistics are to be measured on are none, not finite, or all the same.</summary>
    public static readonly DiagnosticDescriptor CalibrationInvalid = Error("SUBP0531", "The calibration inputs cannot be used");

    /// <summary>A network is to be restored that has no batch normalisation behind its layers.</summary>
    public static readonly DiagnosticDescriptor NothingToRestoreFrom = new(
        "SUBP0532",
        "The network has no batch normalisation to restore from",
        DiagnosticSeverity.Warning
    );

    /// <summary>No channels of a network can be removed.</summary>
    public static readonly DiagnosticDescriptor NothingToShrink = Error("SUBP0533", "No channels can be removed");

    /// <summary>No share of channels brings a network down to the multiply-adds that were asked for.</summary>
    public static readonly DiagnosticDescriptor BudgetNotMet = Error("SUBP0534", "The network cannot be made that small");

    /// <summary>A criterion needs something that a group of channels does not have.</summary>
    public static readonly DiagnosticDescriptor CriterionNotApplicable = Error("SUBP0535", "The criterion has nothing to measure");

    /// <summary>Channels were removed, and the network restored in closed form, without training.</summary>
    public static readonly DiagnosticDescriptor ShrunkAfterTraining = new(
        "SUBP0536",
        "Channels were removed after training",
        DiagnosticSeverity.Info
    );

    /// <summary>A parameter declares a number of bits that its elements cannot be stored in.</summary>
    public static readonly DiagnosticDescriptor InvalidBits = Error("SUBP0537", "The bits of the weight are not valid");

    /// <summary>A weight has a value that its declared bits do not hold.</summary>
    public static readonly DiagnosticDescriptor WeightBreaksBits = Error("SUBP0538", "The weight does not fit into its bits");

    /// <summary>Parts of different sizes would weigh some images of a batch more than others.</summary>
    public static readonly DiagnosticDescriptor BatchNotDivisible = Error(
        "SUBP0540",
        "The images of a step cannot be divided among the ranks"
    );

    /// <summary>Processes that train together have come to different weights or masks.</summary>
    public static readonly DiagnosticDescriptor RanksDisagree = Error("SUBP0541", "The ranks of a training hold different networks");

    /// <summary>A launcher started this process, but the library through which it talks to the others is not there.</summary>
    public static readonly DiagnosticDescriptor MpiMissing = Error("SUBP0542", "There is no MPI library to train with");

    /// <summary>A training is to go on in a folder that holds none.</summary>
    public static readonly DiagnosticDescriptor NoRunToResume = Error("SUBP0550", "There is no run to resume");

    /// <summary>Pruned blocks became wider or a layer dense, because no kernel is emitted for their length.</summary>
    public static readonly DiagnosticDescriptor BlocksWidened = new(
        "SUBP0551",
        "No kernel has blocks of this length, and less stays pruned",
        DiagnosticSeverity.Warning
    );

    /// <summary>Of everything that was pruned, no kernel could leave anything out.</summary>
    public static readonly DiagnosticDescriptor NothingStaysPruned = Error("SUBP0552", "Nothing of the network stays pruned");

    /// <summary>A .pth file is cut off, damaged, or not of PyTorch.</summary>
    public static readonly DiagnosticDescriptor TorchFileFormat = Error("SUBP0560", "The PyTorch file is not well formed");

    /// <summary>The pickle of a .pth file asks for a class or function beyond tensors, which is never looked up.</summary>
    public static readonly DiagnosticDescriptor TorchFileRefused = Error("SUBP0561", "The PyTorch file asks for more than tensors");

    /// <summary>A .pth file holds no dictionary of tensors, or several.</summary>
    public static readonly DiagnosticDescriptor StateDictionaryMissing = Error("SUBP0562", "The file holds no state dictionary");

    /// <summary>Names or shapes of a state dictionary are not those of the network.</summary>
    public static readonly DiagnosticDescriptor StateDictionaryMismatch = Error(
        "SUBP0563",
        "The state dictionary does not fit the network"
    );

    /// <summary>The names of a state dictionary are not those of any network of the zoo.</summary>
    public static readonly DiagnosticDescriptor NetworkNotRecognised = Error("SUBP0564", "The network is not one that is known");

    /// <summary>A mask in a state dictionary is not one of 1xN blocks.</summary>
    public static readonly DiagnosticDescriptor MaskInvalid = Error("SUBP0565", "The mask is not one of 1xN blocks");

    /// <summary>The parameters of a network have no names in PyTorch.</summary>
    public static readonly DiagnosticDescriptor NetworkWithoutStateNames = Error("SUBP0566", "The network has no names in PyTorch");

    /// <summary>A folder of images is not there, has fewer than two classes, or a class without images.</summary>
    public static readonly DiagnosticDescriptor ImageFolderInvalid = Error("SUBP0570", "The folder does not hold classes of images");

    /// <summary>The folders for training and for validation have different classes.</summary>
    public static readonly DiagnosticDescriptor ImageClassesDiffer = Error("SUBP0571", "The image folders have different classes");

    /// <summary>An image is damaged, cut off or of another kind, and the run does not skip such images.</summary>
    public static readonly DiagnosticDescriptor ImageUnreadable = Error("SUBP0572", "The image cannot be read");

    /// <summary>Images could not be read and were left out.</summary>
    public static readonly DiagnosticDescriptor ImagesSkipped = new("SUBP0573", "Images were skipped", DiagnosticSeverity.Warning);

    /// <summary>A recipe preset is not known, or belongs to another network.</summary>
    public static readonly DiagnosticDescriptor RecipePresetInvalid = Error("SUBP0574", "The recipe preset does not fit");

    /// <summary>An experiment file has a name, a value or a reference that cannot be.</summary>
    public static readonly DiagnosticDescriptor ExperimentInvalid = Error("SUBP0580", "The experiment is not valid");

    /// <summary>Weights that a training is to start from are not those of the network.</summary>
    public static readonly DiagnosticDescriptor InitialWeightsMismatch = Error("SUBP0581", "The initial weights do not fit the network");

    /// <summary>A teacher has other classes or images than its pupil, or none was named.</summary>
    public static readonly DiagnosticDescriptor TeacherMismatch = Error("SUBP0582", "The teacher does not fit the training");

    /// <summary>A result in the folder of an experiment is damaged, or of another recipe.</summary>
    public static readonly DiagnosticDescriptor ExperimentResultInvalid = Error("SUBP0583", "The result does not fit the experiment");

    /// <summary>There is no font to write into a picture with.</summary>
    public static readonly DiagnosticDescriptor NoFont = new("SUBP0584", "Pictures are left out", DiagnosticSeverity.Warning);

    /// <summary>M of N:M sparsity does not divide the input channels of a layer.</summary>
    public static readonly DiagnosticDescriptor WeightGroupDivisibility = Error(
        "SUBP0585",
        "The input channels are not divisible by the weights of a group"
    );

    /// <summary>A folder that runs are read from holds none, or a damaged one.</summary>
    public static readonly DiagnosticDescriptor RunInvalid = Error("SUBP0590", "The folder holds no run that can be read");

    /// <summary>A run has epochs left to train.</summary>
    public static readonly DiagnosticDescriptor RunUnfinished = Error("SUBP0591", "The run is not finished");

    /// <summary>Runs that are to be compared were trained or measured with different images.</summary>
    public static readonly DiagnosticDescriptor RunsOfOtherData = Error("SUBP0592", "The runs are of different data sets");

    /// <summary>The folder of a run is locked by the process that trains it.</summary>
    public static readonly DiagnosticDescriptor RunInProgress = Error("SUBP0593", "Another process trains the run");

    /// <summary>The range of a value is to be found without data, and nothing in the network says it.</summary>
    public static readonly DiagnosticDescriptor RangeUnknown = Error("SUBP0595", "The range of a value is not known");

    /// <summary>A value of a network is 0 for every calibration input.</summary>
    public static readonly DiagnosticDescriptor RangeNotReached = new("SUBP0596", "No input reaches a value", DiagnosticSeverity.Warning);

    /// <summary>A network was quantised without training.</summary>
    public static readonly DiagnosticDescriptor QuantizedWithoutTraining = new(
        "SUBP0597",
        "The network was quantised without training",
        DiagnosticSeverity.Info
    );

    /// <summary>No layer of a network can compute on bytes.</summary>
    public static readonly DiagnosticDescriptor NothingToQuantize = Error("SUBP0598", "No layer can be quantised");

    /// <summary>A network that is to compute on bytes alone has a layer on floats.</summary>
    public static readonly DiagnosticDescriptor FloatsAmongBytes = Error("SUBP0599", "A layer computes on floats");

    /// <summary>A network has more inputs or outputs than what is asked of it can do with.</summary>
    public static readonly DiagnosticDescriptor UnsupportedInterface = Error("SUBP0601", "The network has too many inputs or outputs");

    /// <summary>No kernel exists for a block length.</summary>
    public static readonly DiagnosticDescriptor NoKernelForBlockLength = Error("SUBP0602", "There is no kernel for the block length");

    /// <summary>A compile option is out of range.</summary>
    public static readonly DiagnosticDescriptor InvalidCompileOption = Error("SUBP0603", "The compile option is not valid");

    /// <summary>No kernel exists for an operator or for a form of it.</summary>
    public static readonly DiagnosticDescriptor NoKernelForOperator = Error("SUBP0604", "There is no kernel for the operator");

    /// <summary>A plan hint names a node, a key or a word that is not known, or asks for a kernel that the layer cannot have.</summary>
    public static readonly DiagnosticDescriptor InvalidHint = Error("SUBP0605", "The plan hint does not fit");

    /// <summary>The C# compiler refused the emitted files.</summary>
    public static readonly DiagnosticDescriptor EmittedCodeInvalid = Error("SUBP0611", "The emitted code does not compile");

    /// <summary>A file is no assembly, or not one that holds a compiled model.</summary>
    public static readonly DiagnosticDescriptor NotAModelAssembly = Error("SUBP0612", "The file is not a compiled model");

    /// <summary>A layer of a sparse network is computed by a dense kernel, or in another form of unrolling than was asked for.</summary>
    public static readonly DiagnosticDescriptor LayerRunsDense = new(
        "SUBP0621",
        "The layer has no kernel of the kind asked for",
        DiagnosticSeverity.Info
    );

    /// <summary>The compiled network and the reference interpreter put an input into different classes.</summary>
    public static readonly DiagnosticDescriptor VerificationLabels = Error("SUBP0701", "The compiled network disagrees about the class");

    /// <summary>The outputs of the compiled network and of the reference interpreter differ by more than the tolerance.</summary>
    public static readonly DiagnosticDescriptor VerificationDrift = Error("SUBP0702", "The compiled network drifts from the reference");

    /// <summary>A compiled network and the bundle it is to be compared with have different structures.</summary>
    public static readonly DiagnosticDescriptor StructureDiffers = Error("SUBP0703", "The compiled network is not of this bundle");

    /// <summary>ONNX Runtime answers a network or an input with an error.</summary>
    public static readonly DiagnosticDescriptor OnnxRuntimeFailed = Error("SUBP0704", "ONNX Runtime does not run the network");

    /// <summary>A value inside the compiled network differs from the reference by more than the tolerance.</summary>
    public static readonly DiagnosticDescriptor LayerDrift = Error("SUBP0705", "A layer drifts from the reference");

    /// <summary>At least one of the models of a folder cannot be read or compiled, or drifts.</summary>
    public static readonly DiagnosticDescriptor ModelsFailed = Error("SUBP0706", "Not all models passed");

    /// <summary>ONNX Runtime makes other bytes of the same bytes, by more than one step.</summary>
    public static readonly DiagnosticDescriptor BytesDiffer = Error("SUBP0707", "A layer of bytes is more than one step off");

    /// <summary>A compiled layer makes something else of a NaN, an infinity or another special value than its definition.</summary>
    public static readonly DiagnosticDescriptor SpecialValueDiffers = Error("SUBP0740", "A layer treats a special value otherwise");

    /// <summary>ONNX Runtime gives other outputs with its graph optimiser than without it.</summary>
    public static readonly DiagnosticDescriptor OnnxRuntimeOptimiser = new(
        "SUBP0750",
        "ONNX Runtime's graph optimiser changes what the network computes",
        DiagnosticSeverity.Warning
    );

    /// <summary>The command line does not parse, or its options contradict each other.</summary>
    public static readonly DiagnosticDescriptor Usage = Error("SUBP0801", "The command line is not valid");

    /// <summary>A result would overwrite something.</summary>
    public static readonly DiagnosticDescriptor OutputExists = Error("SUBP0802", "The output exists");

    /// <summary>A path on the command line leads nowhere.</summary>
    public static readonly DiagnosticDescriptor InputNotFound = Error("SUBP0803", "The input does not exist");

    /// <summary>The operating system refused to read or write a file.</summary>
    public static readonly DiagnosticDescriptor FileAccess = Error("SUBP0804", "A file cannot be read or written");

    /// <summary>With --force a folder would be deleted that no command of this product wrote.</summary>
    public static readonly DiagnosticDescriptor OutputNotReplaceable = Error("SUBP0805", "The folder is not one this command may replace");

    /// <summary>The ending of a file is not one that the command reads.</summary>
    public static readonly DiagnosticDescriptor InputKind = Error("SUBP0806", "The kind of file is not known to this command");

    /// <summary>Something happened that this product has no answer for.</summary>
    public static readonly DiagnosticDescriptor InternalError = Error("SUBP0807", "Something unexpected happened");

    /// <summary>More threads were asked for than there are processors; they take turns and the time per image grows.</summary>
    public static readonly DiagnosticDescriptor ThreadsExceedProcessors = new(
        "SUBP0808",
        "There are more threads than processors",
        DiagnosticSeverity.Warning
    );

    /// <summary>A file with the input of a network holds something else.</summary>
    public static readonly DiagnosticDescriptor InputTensor = Error("SUBP0809", "The input tensor is not valid");

    /// <summary>A file that is named as the shared library of ONNX Runtime is not one.</summary>
    public static readonly DiagnosticDescriptor OnnxRuntimeLibrary = Error("SUBP0810", "ONNX Runtime cannot be loaded");

    /// <summary>A measured figure is below the one that was asked for.</summary>
    public static readonly DiagnosticDescriptor ThresholdMissed = Error("SUBP0901", "The measured figure misses the threshold");

    /// <summary>A SubpModel item has a .subp file without the .safetensors file that belongs to it.</summary>
    public static readonly DiagnosticDescriptor ModelWeightsMissing = Error("SUBP1001", "The weights of the model are missing");

    /// <summary>Two models, or a model and a type of the project, would have the same name, or two models the same weights file.</summary>
    public static readonly DiagnosticDescriptor DuplicateModelClass = Error("SUBP1002", "The name of the model class is taken");

    /// <summary>The namespace or the class name of a SubpModel item cannot become C#.</summary>
    public static readonly DiagnosticDescriptor InvalidModelName = Error("SUBP1003", "The name of the model class is not valid");

    /// <summary>A value of the metadata of a SubpModel item is not one that the generator knows.</summary>
    public static readonly DiagnosticDescriptor InvalidModelMetadata = Error("SUBP1004", "The metadata of the model is not valid");

    /// <summary>The language version of the project is older than the emitted code.</summary>
    public static readonly DiagnosticDescriptor LanguageVersionTooOld = Error("SUBP1005", "The C# version is too old for compiled models");

    /// <summary>The project does not allow unsafe code, which kernels are.</summary>
    public static readonly DiagnosticDescriptor UnsafeCodeNotAllowed = Error("SUBP1006", "The project does not allow unsafe code");

    /// <summary>The target framework lacks the vectors that kernels use.</summary>
    public static readonly DiagnosticDescriptor FrameworkTooOld = Error("SUBP1007", "The target framework is too old for compiled models");

    /// <summary>The compiler could not give the text of a .subp file.</summary>
    public static readonly DiagnosticDescriptor ModelFileUnreadable = Error("SUBP1008", "The model file cannot be read");

    /// <summary>A SubpModel item carries metadata of a name that means nothing.</summary>
    public static readonly DiagnosticDescriptor UnknownModelMetadata = new(
        "SUBP1009",
        "The metadata of the model is not known",
        DiagnosticSeverity.Warning
    );

    /// <summary>A project of another language than C# has SubpModel items; the targets of the package say so.</summary>
    public static readonly DiagnosticDescriptor LanguageNotSupported = Error("SUBP1020", "Compiled models need a C# project");

    /// <summary>Every descriptor, in the order of the ids.</summary>
    public static IReadOnlyList<DiagnosticDescriptor> All { get; } =
    [
        .. typeof(DiagnosticDescriptors)
            .GetFields()
            .Where(field => field.FieldType == typeof(DiagnosticDescriptor))
            .Select(field => (DiagnosticDescriptor)field.GetValue(null)!)
            .OrderBy(descriptor => descriptor.Id, StringComparer.Ordinal),
    ];

    private static DiagnosticDescriptor Error(string id, string title) => new(id, title, DiagnosticSeverity.Error);
}
