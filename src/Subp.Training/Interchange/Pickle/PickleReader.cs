using System.Numerics;

namespace Subp.Training.Interchange.Pickle;

/// <summary>
/// The stack machine that reads a pickle, reduced to data. It builds values bottom up and never recurses, so that nesting costs no stack;
/// how many values it makes is limited, so that one byte cannot cost much memory many times over.
/// </summary>
internal sealed class PickleReader(PickleCursor cursor, IPickleObjects objects)
{
    /// <summary>More values than this are refused; the checkpoint of a ResNet-50 with its optimiser has about twenty thousand.</summary>
    public const int MostValues = 1_000_000;

    private const int NewestProtocol = 5;

    private readonly List<PickleValue> _stack = [];
    private readonly Stack<int> _marks = new();
    private readonly Dictionary<uint, PickleValue> _memo = [];
    private int _values;

    /// <summary>Reads one pickle and leaves the cursor behind it.</summary>
    /// <exception cref="PickleException">The pickle is broken, or asks for what is not granted.</exception>
    public static PickleValue Read(PickleCursor cursor, IPickleObjects objects)
    {
        int start = cursor.Position;
        try
        {
            return new PickleReader(cursor, objects).Run(ref start);
        }
        catch (PickleException exception)
        {
            exception.Position ??= start;
            throw;
        }
    }

    private PickleValue Run(ref int instruction)
    {
        while (true)
        {
            instruction = cursor.Position;
            var opcode = (PickleOpcode)cursor.Byte();
            if (opcode == PickleOpcode.Stop)
            {
                var result = Pop();
                return _stack.Count == 0 && _marks.Count == 0
                    ? result
                    : throw new PickleException("an end with values left over", "one value");
            }

            Execute(opcode, instruction);
        }
    }

    private void Execute(PickleOpcode opcode, int position)
    {
        switch (opcode)
        {
            case PickleOpcode.Protocol:
                byte protocol = cursor.Byte();
                if (protocol is < 2 or > NewestProtocol)
                    throw new PickleException($"the pickle protocol {protocol}", $"2 to {NewestProtocol}");

                break;
            case PickleOpcode.Frame:
                // A frame only says how many bytes come in one piece.
                cursor.Take(8);
                break;
            case PickleOpcode.Mark:
                _marks.Push(_stack.Count);
                break;
            case PickleOpcode.Pop:
                Pop();
                break;
            case PickleOpcode.Append or PickleOpcode.Appends:
                Append(opcode);
                break;
            case PickleOpcode.SetItem or PickleOpcode.SetItems:
                SetItems(opcode);
                break;
            case PickleOpcode.BinPut:
                Remember(cursor.Byte());
                break;
            case PickleOpcode.LongBinPut:
                Remember(cursor.UInt32());
                break;
            case PickleOpcode.Memoize:
                Remember((uint)_memo.Count);
                break;
            case PickleOpcode.Build:
                Build();
                break;
            default:
                Push(Value(opcode, position));
                break;
        }
    }

    private PickleValue Value(PickleOpcode opcode, int position)
    {
        switch (opcode)
        {
            case PickleOpcode.None:
                return PickleNone.Instance;
            case PickleOpcode.NewTrue:
                return PickleBoolean.True;
            case PickleOpcode.NewFalse:
                return PickleBoolean.False;
            case PickleOpcode.BinInt:
                return new PickleInteger(cursor.Int32());
            case PickleOpcode.BinInt1:
                return new PickleInteger(cursor.Byte());
            case PickleOpcode.BinInt2:
                return new PickleInteger(cursor.UInt16());
            case PickleOpcode.Long1:
                return new PickleInteger(new BigInteger(cursor.Take(cursor.Byte())));
            case PickleOpcode.BinFloat:
                return new PickleReal(cursor.Real());
            case PickleOpcode.BinUnicode or PickleOpcode.BinString:
                return new PickleText(cursor.Text(cursor.UInt32()));
            case PickleOpcode.ShortBinUnicode or PickleOpcode.ShortBinString:
                return new PickleText(cursor.Text(cursor.Byte()));
            case PickleOpcode.EmptyTuple:
                return PickleTuple.Empty;
            case PickleOpcode.Tuple:
                return new PickleTuple(PopToMark());
            case PickleOpcode.Tuple1:
                return new PickleTuple([Pop()]);
            case PickleOpcode.Tuple2 or PickleOpcode.Tuple3:
                return new PickleTuple(PopLast(opcode == PickleOpcode.Tuple2 ? 2 : 3));
            case PickleOpcode.EmptyList:
                return new PickleList();
            case PickleOpcode.EmptyDictionary:
                return new PickleDictionary();
            case PickleOpcode.BinGet:
                return Recall(cursor.Byte());
            case PickleOpcode.LongBinGet:
                return Recall(cursor.UInt32());
            case PickleOpcode.Global:
                return Known(cursor.Line(), cursor.Line(), position);
            case PickleOpcode.StackGlobal:
                string name = Pop<PickleText>("the name of a global").Value;
                return Known(Pop<PickleText>("the module of a global").Value, name, position);
            case PickleOpcode.Reduce:
                var arguments = Pop<PickleTuple>("a tuple of arguments");
                return objects.Call(Pop<PickleGlobal>("the name of a function"), arguments);
            case PickleOpcode.BinPersistentId:
                return objects.Find(Pop());
            default:
                throw new PickleException(
                    FormattableString.Invariant($"the pickle instruction 0x{(byte)opcode:x2}"),
                    "one that builds numbers, text, tuples, lists, dictionaries or tensors",
                    isRefused: true
                );
        }
    }

    private PickleGlobal Known(string module, string name, int position)
    {
        var global = new PickleGlobal($"{module}.{name}", position);
        objects.RequireKnown(global);
        return global;
    }

    private void Append(PickleOpcode opcode)
    {
        var items = opcode == PickleOpcode.Append ? PopLast(1) : PopToMark();
        var list = Peek<PickleList>("a list to append to");
        foreach (var item in items)
            list.Add(item);
    }

    private void SetItems(PickleOpcode opcode)
    {
        var items = opcode == PickleOpcode.SetItem ? PopLast(2) : PopToMark();
        if (items.Length % 2 != 0)
            throw new PickleException("a key without a value", "pairs of keys and values");

        var dictionary = Peek<PickleDictionary>("a dictionary to add to");
        for (int i = 0; i < items.Length; i += 2)
            dictionary.Add(items[i], items[i + 1]);
    }

    // PyTorch hangs the versions of modules on an ordered dictionary, as attributes. They say nothing about the values.
    private void Build()
    {
        var state = Pop();
        if (state is not PickleDictionary)
            throw new PickleException(state.Kind, "a dictionary of attributes");

        Peek<PickleDictionary>("a dictionary that has attributes");
    }

    private void Remember(uint index) => _memo[index] = Peek<PickleValue>("a value to remember");

    private PickleValue Recall(uint index) =>
        _memo.TryGetValue(index, out var value) ? value : throw new PickleException($"a reference to value {index}", "a value from before");

    private void Push(PickleValue value)
    {
        if (++_values > MostValues)
            throw new PickleException($"more than {MostValues} values", "a state dictionary");

        _stack.Add(value);
    }

    private int Floor => _marks.Count == 0 ? 0 : _marks.Peek();

    private PickleValue Pop() => PopLast(1)[0];

    private T Pop<T>(string expected)
        where T : PickleValue => Pop() is var value && value is T wanted ? wanted : throw new PickleException(value.Kind, expected);

    private PickleValue[] PopLast(int count)
    {
        if (_stack.Count - Floor < count)
            throw new PickleException("an empty stack", FormattableString.Invariant($"{count} values"));

        return Cut(_stack.Count - count);
    }

    private PickleValue[] PopToMark() =>
        _marks.Count == 0 ? throw new PickleException("no mark on the stack", "a mark") : Cut(_marks.Pop());

    private PickleValue[] Cut(int first)
    {
        PickleValue[] taken = [.. _stack[first..]];
        _stack.RemoveRange(first, taken.Length);
        return taken;
    }

    private T Peek<T>(string expected)
        where T : PickleValue
    {
        if (_stack.Count == Floor)
            throw new PickleException("an empty stack", expected);

        return _stack[^1] as T ?? throw new PickleException(_stack[^1].Kind, expected);
    }
}
