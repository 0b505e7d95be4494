namespace Subp.Training.Interchange.Pickle;

/// <summary>
/// The instructions that are carried out: those with which protocols 2 to 5 write numbers, text, tuples, lists, dictionaries and names, as
/// Python's documentation of <c>pickletools</c> has them.
/// </summary>
internal enum PickleOpcode : byte
{
    Mark = (byte)'(',
    Stop = (byte)'.',
    Pop = (byte)'0',
    None = (byte)'N',
    NewTrue = 0x88,
    NewFalse = 0x89,
    BinInt = (byte)'J',
    BinInt1 = (byte)'K',
    BinInt2 = (byte)'M',
    Long1 = 0x8a,
    BinFloat = (byte)'G',
    BinUnicode = (byte)'X',
    ShortBinUnicode = 0x8c,
    ShortBinString = (byte)'U',
    BinString = (byte)'T',
    EmptyTuple = (byte)')',
    Tuple = (byte)'t',
    Tuple1 = 0x85,
    Tuple2 = 0x86,
    Tuple3 = 0x87,
    EmptyList = (byte)']',
    Append = (byte)'a',
    Appends = (byte)'e',
    EmptyDictionary = (byte)'}',
    SetItem = (byte)'s',
    SetItems = (byte)'u',
    BinPut = (byte)'q',
    LongBinPut = (byte)'r',
    BinGet = (byte)'h',
    LongBinGet = (byte)'j',
    Memoize = 0x94,
    Global = (byte)'c',
    StackGlobal = 0x93,
    Reduce = (byte)'R',
    Build = (byte)'b',
    BinPersistentId = (byte)'Q',
    Protocol = 0x80,
    Frame = 0x95,
}
